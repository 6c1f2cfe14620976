package io.escrowmq.storage.jdbc;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The buckets of a store, as committed: the oldest first, the last one may still be unused. None
 * where the database has no partitions. Changed by the writer thread, read by everybody.
 */
final class Buckets {

  private static final Logger LOG = LoggerFactory.getLogger(Buckets.class);

  private final BucketLimits limits;
  private final AtomicLong deletions = new AtomicLong();
  private volatile List<Bucket> all = List.of();
  private volatile boolean changeable = true;

  Buckets(BucketLimits limits) {
    this.limits = limits;
  }

  BucketLimits limits() {
    return limits;
  }

  /** All of them, the oldest first. */
  List<Bucket> all() {
    return all;
  }

  /** True if this server may make and drop them. */
  boolean changeable() {
    return changeable;
  }

  void publish(List<Bucket> buckets, boolean mayChange) {
    if (!buckets.isEmpty() && !mayChange && changeable) {
      LOG.warn(
          "this server's database role may not make and drop tables: messages past the retention"
              + " are deleted one by one. To let them go table by table, make the role the owner"
              + " of mq_message and mq_message_key and of their parts, and grant it create on the"
              + " schema");
    }
    changeable = mayChange;
    all = List.copyOf(buckets);
  }

  /** Messages were deleted one by one, or may have been: what was counted before is not right. */
  void deleted() {
    deletions.incrementAndGet();
  }

  /** Differs from an earlier value if messages of any bucket were deleted one by one since. */
  long deletions() {
    return deletions.get();
  }

  /** The bucket of a position. */
  Optional<Bucket> of(long position) {
    return all.stream().filter(bucket -> bucket.contains(position)).findFirst();
  }

  /** The oldest one if nothing is added to it any more. */
  Optional<Bucket> oldestSealed(long lastPosition) {
    return all.stream().findFirst().filter(bucket -> bucket.isSealed(lastPosition));
  }
}
