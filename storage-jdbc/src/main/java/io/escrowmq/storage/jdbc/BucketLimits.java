package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.RetentionPolicy;

/**
 * How much goes into a bucket: so little that the retention need not keep much more than it should,
 * and so much that there are some dozens of buckets at most.
 *
 * @param bucketBytes wanted size of the messages of a bucket
 * @param policy what the retention may forget
 */
record BucketLimits(long bucketBytes, RetentionPolicy policy) {

  private static final long LEAST_BYTES = 1 << 20;
  private static final int PARTS = 8;
  private static final int MOST_FULL_BUCKETS = 24;

  /** Message bytes for a bucket of a store that has this many. */
  long bytes(long visibleBytes) {
    long wanted = Math.max(bucketBytes, visibleBytes / MOST_FULL_BUCKETS);
    return Math.min(wanted, Math.max(LEAST_BYTES, policy.maxBytes() / PARTS));
  }

  /** The time between the oldest and the newest message of a bucket. */
  long spanMs() {
    return policy.maxAge().toMillis() / PARTS;
  }

  /** Age at which messages go one by one although their bucket could go whole some time later. */
  long overdueMs() {
    return policy.maxAge().toMillis() + spanMs();
  }

  /** Size of the store at which they do. */
  long overdueBytes() {
    return policy.maxBytes() >= Long.MAX_VALUE / 2
        ? Long.MAX_VALUE
        : policy.maxBytes() + 2 * policy.maxBytes() / PARTS;
  }
}
