package io.escrowmq.spi.storage;

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

  /** Who may open which shard. */
  ShardLeases leases();

  /** Which servers are there. */
  ServerRegister register();

  /**
   * Opens the shard under a lease. What an earlier owner still does is fenced off from here on.
   *
   * @throws StorageException.Unavailable if the lease is not the newest any more
   */
  Storage open(ShardLeases.ShardLease lease);

  /** Reads rows of any shard, whoever owns it. What it reads may be replaced a moment later. */
  Tables tables(int shard);

  @Override
  void close();
}
