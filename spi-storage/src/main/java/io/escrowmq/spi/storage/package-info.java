/**
 * The storage SPI: everything the broker needs from a store, and nothing about how a store works.
 *
 * <p>Start at {@link io.escrowmq.spi.storage.Storage}. The one way to change a store is {@link
 * io.escrowmq.spi.storage.Storage#write(WriteBatch)}; what a batch can contain is the sealed
 * interface {@link io.escrowmq.spi.storage.Mutation}. Messages are {@link
 * io.escrowmq.spi.storage.Message} flyweights over one canonical record layout ({@link
 * io.escrowmq.spi.storage.MessageFormat}). An engine registers a {@link
 * io.escrowmq.spi.storage.StorageProvider} and must pass the contract kit.
 */
@NullMarked
package io.escrowmq.spi.storage;

import org.jspecify.annotations.NullMarked;
