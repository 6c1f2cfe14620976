package io.escrowmq.storage.rocksdb;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** Which bucket takes new messages. The committer's alone. */
final class Buckets {

  private final Database database;
  private final StoreState state;
  private final RocksDbOptions options;
  private final Set<Bucket> changed = new LinkedHashSet<>();
  private final List<Bucket> finished = new ArrayList<>();
  private @Nullable Bucket active;

  Buckets(Database database, StoreState state, RocksDbOptions options) {
    this.database = database;
    this.state = state;
    this.options = options;
    List<Bucket> existing = database.buckets();
    this.active = existing.isEmpty() ? null : existing.getLast();
  }

  /** The bucket for a message stored now; begins a new one if the last is full or old. */
  Bucket current(long storeTimeMs) throws RocksDBException {
    Bucket bucket = active;
    if (bucket != null && !isFinished(bucket.figures(), storeTimeMs)) {
      return bucket;
    }
    if (bucket != null) {
      finished.add(bucket);
    }
    Bucket.Figures none = new Bucket.Figures(storeTimeMs, storeTimeMs, 0, 0);
    Bucket created = database.createBucket(state.nextBucket(), none);
    active = created;
    return created;
  }

  /** A message was put into the bucket. */
  void count(Bucket bucket, long storeTimeMs, int messageBytes) {
    bucket.figures(bucket.figures().with(storeTimeMs, messageBytes));
    changed.add(bucket);
  }

  /** True if new messages go into this bucket. */
  boolean isActive(Bucket bucket) {
    return bucket == active;
  }

  /** Forgets a bucket that is about to be dropped. */
  void retire(Bucket bucket) {
    if (bucket == active) {
      active = null;
    }
    changed.remove(bucket);
    finished.remove(bucket);
  }

  /** Adds the changed rows to a group. */
  void stage(BatchBuffer out) {
    for (Bucket bucket : changed) {
      out.put(
          database.number(Family.STORE), Keys.bucket(bucket.ordinal()), bucket.figures().encode());
    }
    changed.clear();
  }

  /** After a group: what is finished goes to files. */
  void flushFinished() throws RocksDBException {
    for (Bucket bucket : finished) {
      database.startFlush(bucket);
    }
    finished.clear();
  }

  private boolean isFinished(Bucket.Figures figures, long storeTimeMs) {
    return figures.bytes() >= options.bucketBytes()
        || storeTimeMs - figures.firstMs() >= options.bucketMs();
  }
}
