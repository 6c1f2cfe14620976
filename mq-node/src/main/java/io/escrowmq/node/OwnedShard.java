package io.escrowmq.node;

import io.escrowmq.spi.storage.ShardLeases.ShardLease;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A shard that this server has a lease of, from taking it to giving it back. Thread-safe.
 *
 * <p>While {@code until} has not passed, no other server can have been given the shard; afterwards
 * the node refuses to serve until the lease was extended: a server that was stopped for a while and
 * goes on knows by the clock alone that it may have been replaced.
 */
final class OwnedShard {

  private final ShardLease lease;
  private volatile long untilNanos;
  private volatile @Nullable EscrowNode node;
  private volatile boolean closing;

  OwnedShard(ShardLease lease, long untilNanos) {
    this.lease = lease;
    this.untilNanos = untilNanos;
  }

  ShardLease lease() {
    return lease;
  }

  int shard() {
    return lease.shard();
  }

  /** The lease was extended to this moment. */
  void extended(long toNanos) {
    untilNanos = toNanos;
  }

  boolean current(long nowNanos) {
    return nowNanos - untilNanos < 0;
  }

  void serving(EscrowNode started) {
    node = started;
  }

  /** The node while there is one. */
  @Nullable EscrowNode node() {
    return node;
  }

  /** True for the first caller, who closes the node. */
  synchronized boolean beginClosing() {
    boolean first = !closing;
    closing = true;
    return first;
  }

  boolean closing() {
    return closing;
  }

  /** Where clients reach the shard; empty until they do. */
  String address() {
    EscrowNode serving = node;
    if (serving == null || closing) {
      return "";
    }
    InetSocketAddress address = serving.broker().identity().address();
    return address.getHostString() + ":" + address.getPort();
  }
}
