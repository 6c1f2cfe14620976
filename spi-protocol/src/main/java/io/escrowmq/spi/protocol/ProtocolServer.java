package io.escrowmq.spi.protocol;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/** A protocol that is serving. Thread-safe. */
public interface ProtocolServer extends AutoCloseable {

  /** Listening addresses by role, for example {@code nameServer} and {@code remoting}. */
  Map<String, InetSocketAddress> endpoints();

  /** Gauges and counters by name (kebab-case, unit last), for metrics. Cheap. */
  Map<String, Long> statistics();

  /**
   * Stops accepting connections and requests, answers what was accepted, and returns when that is
   * done or the time is over.
   */
  void drain(Duration atMost);

  /** Closes every connection and listener. Idempotent. */
  @Override
  void close();
}
