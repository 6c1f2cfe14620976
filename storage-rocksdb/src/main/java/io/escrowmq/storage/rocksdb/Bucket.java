package io.escrowmq.storage.rocksdb;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.ColumnFamilyHandle;

/**
 * Messages of a stretch of time, with their index: a column family that is dropped whole. The
 * figures are the committer's to change; the handle lives until the last reader has left.
 */
final class Bucket {

  private static final String NAME_PREFIX = "bucket-";
  private static final int BYTES = 4 * Long.BYTES;

  private final long ordinal;
  private final ColumnFamilyHandle handle;
  private final int number;
  private final AtomicInteger users = new AtomicInteger(1);
  private volatile Figures figures;

  /**
   * What is in a bucket.
   *
   * @param firstMs store time of the first message
   * @param lastMs store time of the last one
   * @param messages number of messages ever put in
   * @param bytes their size
   */
  record Figures(long firstMs, long lastMs, long messages, long bytes) {

    /** With more messages. */
    Figures with(long storeTimeMs, long moreMessages, long moreBytes) {
      long newestMs = Math.max(lastMs, storeTimeMs);
      return new Figures(firstMs, newestMs, messages + moreMessages, bytes + moreBytes);
    }

    byte[] encode() {
      return ByteBuffer.allocate(BYTES)
          .putLong(firstMs)
          .putLong(lastMs)
          .putLong(messages)
          .putLong(bytes)
          .array();
    }

    static Figures decode(byte[] value) {
      ByteBuffer row = ByteBuffer.wrap(value);
      return new Figures(row.getLong(), row.getLong(), row.getLong(), row.getLong());
    }
  }

  Bucket(long ordinal, ColumnFamilyHandle handle, Figures figures) {
    this.ordinal = ordinal;
    this.handle = handle;
    this.number = handle.getID();
    this.figures = figures;
  }

  static String nameOf(long ordinal) {
    return NAME_PREFIX + ordinal;
  }

  /** The ordinal in a column family's name, or -1 if it is not a bucket's. */
  static long ordinalOf(String name) {
    return name.startsWith(NAME_PREFIX) ? Long.parseLong(name.substring(NAME_PREFIX.length())) : -1;
  }

  long ordinal() {
    return ordinal;
  }

  ColumnFamilyHandle handle() {
    return handle;
  }

  /** What the bucket's family is called in a batch. */
  int number() {
    return number;
  }

  Figures figures() {
    return figures;
  }

  void figures(Figures now) {
    figures = now;
  }

  /** Keeps the handle open; false if it is closed already. */
  boolean acquire() {
    int now = users.get();
    while (now > 0) {
      if (users.compareAndSet(now, now + 1)) {
        return true;
      }
      now = users.get();
    }
    return false;
  }

  /** Undoes one {@link #acquire()}, or the creation. */
  void release() {
    if (users.decrementAndGet() == 0) {
      handle.close();
    }
  }
}
