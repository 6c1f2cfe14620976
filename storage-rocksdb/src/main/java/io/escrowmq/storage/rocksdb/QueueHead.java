package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.QueueBounds;
import java.nio.ByteBuffer;

/**
 * A queue as its row says.
 *
 * @param uid what stands for the queue in keys
 * @param min first readable offset
 * @param max next offset
 * @param run current run, see {@link Position}
 * @param runStart first offset of that run
 * @param bucket bucket of the newest message, or {@link #NO_BUCKET}
 * @param bucketStart first offset of the queue in that bucket
 */
record QueueHead(
    int uid, long min, long max, int run, long runStart, long bucket, long bucketStart) {

  /** No message yet. */
  static final long NO_BUCKET = -1;

  private static final int BYTES = 2 * Integer.BYTES + 5 * Long.BYTES;

  QueueBounds bounds() {
    return new QueueBounds(min, max);
  }

  QueueHead withMin(long newMin) {
    return new QueueHead(uid, newMin, max, run, runStart, bucket, bucketStart);
  }

  QueueHead withMax(long newMax) {
    return new QueueHead(uid, min, newMax, run, runStart, bucket, bucketStart);
  }

  /** The next message begins this run. */
  QueueHead inRun(int newRun) {
    return new QueueHead(uid, min, max, newRun, max, bucket, bucketStart);
  }

  /** The next message goes into this bucket. */
  QueueHead in(long newBucket) {
    return new QueueHead(uid, min, max, run, runStart, newBucket, max);
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .putInt(uid)
        .putLong(min)
        .putLong(max)
        .putInt(run)
        .putLong(runStart)
        .putLong(bucket)
        .putLong(bucketStart)
        .array();
  }

  static QueueHead decode(byte[] value) {
    ByteBuffer row = ByteBuffer.wrap(value);
    return new QueueHead(
        row.getInt(),
        row.getLong(),
        row.getLong(),
        row.getInt(),
        row.getLong(),
        row.getLong(),
        row.getLong());
  }
}
