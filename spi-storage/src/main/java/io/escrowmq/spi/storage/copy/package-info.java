/**
 * Moves everything that one store knows into another, whatever their engines: {@link
 * io.escrowmq.spi.storage.copy.StoreCopy} fills an empty store, {@link
 * io.escrowmq.spi.storage.copy.StoreComparison} reads both and finds the first difference, and
 * {@link io.escrowmq.spi.storage.copy.CopyMark} tells a store that was not filled to the end.
 */
@NullMarked
package io.escrowmq.spi.storage.copy;

import org.jspecify.annotations.NullMarked;
