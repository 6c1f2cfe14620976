package io.escrowmq.spi.storage;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The leases of a {@link SharedStore}. Times are judged by the store's clock alone. Blocking,
 * thread-safe. Every method throws {@link StorageException.Unavailable} if the store does not
 * answer.
 */
public interface ShardLeases {

  /** Every shard, by number, with its newest lease. */
  List<ShardState> shards();

  /**
   * Takes a shard that nobody has a current lease of.
   *
   * @param server name of this server's process, never used by another process
   */
  Optional<ShardLease> acquire(int shard, String server, Duration timeToLive);

  /**
   * Extends a lease, also one that has run out, unless another server took the shard since.
   *
   * @param address where clients reach the shard, {@code host:port}; empty while it is being opened
   * @return false if the shard is another's
   */
  boolean renew(ShardLease lease, String address, Duration timeToLive);

  /** Gives a lease back early; nothing happens if it was lost already. */
  void release(ShardLease lease);

  /**
   * The right to open a shard.
   *
   * @param epoch rises with every acquisition of the shard, never repeats
   */
  record ShardLease(int shard, String server, long epoch) {}

  /**
   * A shard's newest lease.
   *
   * @param server empty if it was given back or never taken
   * @param address where clients reach it; empty while nobody serves it
   * @param current false if the lease has run out
   */
  record ShardState(int shard, String server, long epoch, String address, boolean current) {}
}
