package io.escrowmq.node;

import java.time.Duration;
import java.util.Map;

/**
 * What makes a server one of several on a shared store.
 *
 * @param shards parts of the store, at least 1: as many brokers as clients see
 * @param serverName of this process; another process must never have the same
 * @param lease how long a shard stays with a server that is not heard of any more
 * @param nodes the settings of the node that serves a shard
 * @param front options by protocol id for the listener that only answers where topics are
 */
public record ClusterSettings(
    int shards,
    String serverName,
    Duration lease,
    ShardNodes nodes,
    Map<String, Map<String, String>> front) {

  /** How long a lease lasts by default. */
  public static final Duration DEFAULT_LEASE = Duration.ofSeconds(6);

  public ClusterSettings {
    if (shards < 1 || shards > 1024) {
      throw new IllegalArgumentException("shards must be 1 to 1024: " + shards);
    }
    if (lease.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("the lease must be at least a second: " + lease);
    }
    front = Map.copyOf(front);
  }

  /** Says how the node of a shard is set up. */
  @FunctionalInterface
  public interface ShardNodes {
    /**
     * The settings of a shard's node.
     *
     * @param anyPort true if its usual port turned out to be taken
     */
    NodeSettings of(int shard, boolean anyPort);
  }
}
