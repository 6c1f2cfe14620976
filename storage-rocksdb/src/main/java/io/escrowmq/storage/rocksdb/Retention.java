package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.RetentionPolicy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops the oldest buckets. Queues that have messages there begin later first; then the bucket's
 * row goes, and with it, whatever happens, the bucket. Holds and their messages are elsewhere. One
 * run at a time.
 */
final class Retention {

  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final int DECISIONS_PER_STEP = 1000;
  private static final int QUEUES_PER_STEP = 1000;

  private final Database database;
  private final Committer committer;
  private final Changes changes;
  private final StoreClock clock;
  private final DiskPressure pressure;
  private final RetentionPolicy policy;

  /** A queue in a bucket. */
  private record Member(int uid, QueueId queue, long firstOffset) {}

  Retention(
      Database database,
      Committer committer,
      Changes changes,
      StoreClock clock,
      DiskPressure pressure,
      RetentionPolicy policy) {
    this.database = database;
    this.committer = committer;
    this.changes = changes;
    this.clock = clock;
    this.pressure = pressure;
    this.policy = policy;
  }

  /** Forgets what may be forgotten now. */
  void run() {
    boolean more = true;
    while (more) {
      more = committer.call(this::forgetDecisions);
    }
    boolean pressed = pressure.isHigh();
    for (Bucket bucket : database.buckets()) {
      if (!mayGo(bucket, pressed)) {
        return;
      }
      pressed = false;
      drop(bucket);
    }
  }

  private boolean forgetDecisions() throws RocksDBException {
    boolean more = changes.holds().forget(clock.forgottenBeforeMs(), DECISIONS_PER_STEP);
    committer.commitTask(false);
    return more;
  }

  private boolean mayGo(Bucket bucket, boolean pressed) {
    Bucket.Figures figures = bucket.figures();
    if (clock.nowMs() - figures.lastMs() > policy.maxAge().toMillis()) {
      return true;
    }
    boolean isLast = bucket.equals(database.buckets().getLast());
    return !isLast && (pressed || totalBytes() > policy.maxBytes());
  }

  private long totalBytes() {
    return database.buckets().stream().mapToLong(bucket -> bucket.figures().bytes()).sum();
  }

  private void drop(Bucket bucket) {
    if (!committer.call(() -> begin(bucket))) {
      return;
    }
    Optional<Bytes> cursor = Optional.of(Bytes.wrap(Keys.queuesInBucket()));
    while (cursor.isPresent()) {
      byte[] from = cursor.get().toArray();
      cursor = committer.call(() -> leave(bucket, from));
    }
    committer.call(() -> finish(bucket));
    LOG.info(
        "dropped bucket {}: {} messages, {} bytes",
        bucket.ordinal(),
        bucket.figures().messages(),
        bucket.figures().bytes());
  }

  /** No new messages for this bucket; false if it turned out to have young ones. */
  private boolean begin(Bucket bucket) {
    if (changes.buckets().isActive(bucket) && !mayGo(bucket, false)) {
      return false;
    }
    changes.buckets().retire(bucket);
    return true;
  }

  /** Lets some queues begin after the bucket; returns where to go on. */
  private Optional<Bytes> leave(Bucket bucket, byte[] from) throws RocksDBException {
    List<Member> members = members(bucket, from);
    for (Member member : members) {
      changes
          .queues()
          .leaveBucket(member.queue(), member.uid(), member.firstOffset(), bucket.ordinal());
    }
    committer.commitTask(false);
    return members.size() < QUEUES_PER_STEP
        ? Optional.empty()
        : Optional.of(Bytes.wrap(Keys.after(Keys.queueInBucket(members.getLast().uid()))));
  }

  private List<Member> members(Bucket bucket, byte[] from) {
    List<Member> members = new ArrayList<>();
    database.scan(
        bucket,
        from,
        (key, value) -> {
          if (!Keys.startsWith(key, Keys.queuesInBucket())) {
            return false;
          }
          byte[] name = Arrays.copyOfRange(value, Long.BYTES, value.length);
          members.add(
              new Member(
                  Keys.uidOfQueueInBucket(key),
                  Keys.queueOf(name),
                  ByteBuffer.wrap(value).getLong()));
          return members.size() < QUEUES_PER_STEP;
        });
    return members;
  }

  private boolean finish(Bucket bucket) throws RocksDBException {
    changes.out().delete(database.number(Family.STORE), Keys.bucket(bucket.ordinal()));
    committer.commitTask(true);
    database.dropBucket(bucket);
    return true;
  }
}
