package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.TimeSource;
import java.util.function.Consumer;

/**
 * What the node lends to a protocol.
 *
 * @param services the door to the broker
 * @param routes where topics are, on this broker and on those beside it
 * @param time the only clock the protocol may read
 * @param advertise tells the broker under which address clients reach it; to be called once, after
 *     the listener that serves messages is bound and before it accepts
 */
public record ProtocolContext(
    BrokerServices services,
    Routes routes,
    TimeSource time,
    Consumer<java.net.InetSocketAddress> advertise) {

  /** For a broker that stands alone. */
  public ProtocolContext(
      BrokerServices services, TimeSource time, Consumer<java.net.InetSocketAddress> advertise) {
    this(services, Routes.ofOne(services), time, advertise);
  }
}
