/**
 * The protocol SPI: how a wire protocol finds the broker, and the only door through which it may
 * talk to it.
 *
 * <p>Start at {@link io.escrowmq.spi.protocol.ProtocolProvider} (what a protocol implements) and
 * {@link io.escrowmq.spi.protocol.BrokerServices} (what it may call). A protocol translates frames
 * into calls on this door and answers back; topics, groups, delivery rules and limits on memory in
 * flight are the broker's business.
 */
@NullMarked
package io.escrowmq.spi.protocol;

import org.jspecify.annotations.NullMarked;
