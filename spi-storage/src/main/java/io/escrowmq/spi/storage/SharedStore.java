package io.escrowmq.spi.storage;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One database that several servers use at once, divided into shards. Each shard is a complete
 * {@link Storage} of its own; at any time one server at most may write to it: the one whose lease
 * is the newest. A lease decides who may open a shard; the fencing that makes a late write of an
 * earlier owner impossible is inside the store.
 *
 * <p>Times are judged by the store's clock alone. Blocking, thread-safe. Every method throws {@link
 * StorageException.Unavailable} if the database does not answer.
 */
public interface SharedStore extends AutoCloseable {

  /** Every shard, by number, with its newest lease. */
  List<ShardState> shards();

  /** The servers whose last {@link #announce} has not run out, by name. */
  List<ServerState> servers();

  /** Says that this server is there, for so long. */
  void announce(ServerState self, Duration timeToLive);

  /** Takes back what {@link #announce} said. */
  void leave(String server);

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
   * Opens the shard under a lease. What an earlier owner still does is fenced off from here on.
   *
   * @throws StorageException.Unavailable if the lease is not the newest any more
   */
  Storage open(ShardLease lease);

  /** Reads rows of any shard, whoever owns it. What it reads may be replaced a moment later. */
  Tables tables(int shard);

  @Override
  void close();

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

  /**
   * A server that is there.
   *
   * @param name of its process
   * @param address of its name server, {@code host:port}
   */
  record ServerState(String name, String address) {}
}
