/**
 * The broker: topics, groups, sending, delivery, retry and dead letters, delay, ordering, and the
 * way from wire protocols to the transaction coordinator. It knows no network and no engine.
 *
 * <p>Start at {@link io.escrowmq.broker.Broker}, which puts one class per feature together: {@code
 * Topics}, {@code ConsumerGroups}, {@code ProducerGroups}, {@code Sending}, {@code Consuming},
 * {@code Offsets}, {@code DelayedDelivery}, {@code Transactions}. What a client may call is the
 * door {@link io.escrowmq.spi.protocol.BrokerServices}; everything durable goes through {@link
 * io.escrowmq.spi.storage.Storage}.
 */
@NullMarked
package io.escrowmq.broker;

import org.jspecify.annotations.NullMarked;
