package io.escrowmq.node;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.storage.Mishap;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** A server as its surroundings see it: alone, or one of several on a shared store. Thread-safe. */
public sealed interface RunningServer extends AutoCloseable permits EscrowNode, EscrowCluster {

  /** What it was started with. */
  NodeSettings settings();

  /** What operators work on. */
  BrokerServices door();

  /** Listening addresses by role, for example {@code nameServer} and {@code remoting}. */
  Map<String, InetSocketAddress> endpoints();

  /** Whether a message sent now would be accepted, and if not, why. Cheap. */
  NodeHealth health();

  /** What a message survives once its sender has the acknowledgement. Cheap. */
  Set<Mishap> survives();

  /**
   * Gauges and counters of all parts by name: {@code storage-}, {@code broker-} or the protocol's
   * id before the part's own name. Cheap.
   */
  SortedMap<String, Long> statistics();

  /**
   * Finishes what was accepted, for at most the grace of the settings, then closes everything.
   * Idempotent; a second caller waits for the first. Never throws.
   */
  @Override
  void close();
}
