package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** Gives offsets and writes messages. The committer's alone. */
final class Queues {

  private static final int MOST_CACHED = 100_000;

  private final Database database;
  private final StoreState state;
  private final Buckets buckets;
  private final BatchBuffer out;

  /** Heads lately used, the eldest first. */
  private final LinkedHashMap<QueueId, Entry> cache = new LinkedHashMap<>(1024, 0.75f, true);

  private final List<Entry> changed = new ArrayList<>();
  private Map<QueueId, Long> grown = new HashMap<>();

  /** A queue in memory. */
  private static final class Entry {
    private final QueueId id;
    private final byte[] key;
    private @Nullable QueueHead head;
    private boolean isChanged;
    private boolean isGrown;

    private Entry(QueueId id, byte[] key, @Nullable QueueHead head) {
      this.id = id;
      this.key = key;
      this.head = head;
    }
  }

  Queues(Database database, StoreState state, Buckets buckets, BatchBuffer out) {
    this.database = database;
    this.state = state;
    this.buckets = buckets;
    this.out = out;
  }

  /** Makes a message visible. */
  Outcome append(QueueId id, ByteBuffer message, long[] hashes, long storeTimeMs)
      throws RocksDBException {
    Entry entry = entry(id);
    Bucket bucket = buckets.current(storeTimeMs);
    QueueHead head = prepare(entry, bucket);
    long offset = head.max();
    long position = Position.of(head.run(), offset - head.runStart());
    int family = bucket.number();
    int size = message.remaining();
    ByteBuffer stored = out.put(family, Keys.message(head.uid(), offset), message);
    Message.stamp(stored, offset, position, storeTimeMs);
    for (long hash : hashes) {
      out.mark(family, Keys.index(hash, storeTimeMs, offset, head.uid()));
    }
    buckets.count(storeTimeMs, size);
    change(entry, head.withMax(offset + 1));
    entry.isGrown = true;
    return Outcome.appended(offset, position);
  }

  /** Lets a queue that has not begun do so at an offset. */
  Outcome begin(QueueId id, long firstOffset) {
    Entry entry = entry(id);
    if (entry.head != null) {
      return Outcome.NOT_APPLIED;
    }
    if (firstOffset > 0) {
      change(entry, newHead(firstOffset));
    }
    return Outcome.APPLIED;
  }

  /** Raises a queue's minimum, at most to its maximum; never lowers it. */
  void trim(QueueId id, long newMin) {
    Entry entry = entry(id);
    QueueHead head = entry.head;
    if (head == null) {
      return;
    }
    long min = Math.max(head.min(), Math.min(newMin, head.max()));
    if (min > head.min()) {
      change(entry, head.withMin(min));
    }
  }

  /** Lets a queue begin after a bucket that is about to go. */
  void leaveBucket(QueueId id, int uid, long firstInBucket, long bucket) {
    byte[] own = Keys.span(uid, firstInBucket);
    long[] next = {-1};
    database.scan(
        Family.SPANS,
        Keys.after(own),
        (key, value) -> {
          next[0] = Keys.uidOfSpan(key) == uid ? Keys.firstOffsetOfSpan(key) : -1;
          return false;
        });
    trim(id, next[0] < 0 ? Long.MAX_VALUE : next[0]);
    Entry entry = entry(id);
    QueueHead head = entry.head;
    if (head != null && head.bucket() == bucket) {
      change(entry, head.in(QueueHead.NO_BUCKET));
    }
    out.delete(database.number(Family.SPANS), own);
  }

  /** Adds the changed heads to a group. */
  void stage() {
    for (Entry entry : changed) {
      QueueHead head = entry.head;
      if (head != null) {
        out.put(database.number(Family.QUEUES), entry.key, head.encode());
      }
      if (head != null && entry.isGrown) {
        grown.put(entry.id, head.max());
      }
      entry.isChanged = false;
      entry.isGrown = false;
    }
    changed.clear();
    trimCache();
  }

  /** The queues that grew since the last call, with their new end. */
  Map<QueueId, Long> takeGrown() {
    Map<QueueId, Long> taken = grown;
    grown = new HashMap<>();
    return taken;
  }

  /** The queue with a place in the bucket and in a run. */
  private QueueHead prepare(Entry entry, Bucket bucket) {
    QueueHead head = entry.head;
    if (head == null) {
      head = newHead(0);
    }
    boolean needsRun = head.run() == 0 || head.max() - head.runStart() >= Position.RUN_LENGTH;
    if (needsRun) {
      head = withRun(head);
    }
    return head.bucket() == bucket.ordinal() ? head : withBucket(entry, head, bucket);
  }

  private QueueHead newHead(long firstOffset) {
    return new QueueHead(state.nextUid(), firstOffset, firstOffset, 0, 0, QueueHead.NO_BUCKET, 0);
  }

  private QueueHead withRun(QueueHead head) {
    int run = state.nextRun();
    byte[] row =
        ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
            .putInt(head.uid())
            .putLong(head.max())
            .array();
    out.put(database.number(Family.RUNS), Keys.run(run), row);
    return head.inRun(run);
  }

  private QueueHead withBucket(Entry entry, QueueHead head, Bucket bucket) {
    byte[] ordinal = ByteBuffer.allocate(Long.BYTES).putLong(bucket.ordinal()).array();
    out.put(database.number(Family.SPANS), Keys.span(head.uid(), head.max()), ordinal);
    byte[] member =
        ByteBuffer.allocate(Long.BYTES + entry.key.length)
            .putLong(head.max())
            .put(entry.key)
            .array();
    out.put(bucket.number(), Keys.queueInBucket(head.uid()), member);
    return head.in(bucket.ordinal());
  }

  private void change(Entry entry, QueueHead head) {
    entry.head = head;
    if (!entry.isChanged) {
      entry.isChanged = true;
      changed.add(entry);
    }
  }

  private Entry entry(QueueId id) {
    Entry known = cache.get(id);
    if (known != null) {
      return known;
    }
    byte[] key = Keys.queue(id);
    byte[] row = database.get(Family.QUEUES, key);
    Entry loaded = new Entry(id, key, row == null ? null : QueueHead.decode(row));
    cache.put(id, loaded);
    return loaded;
  }

  /** Nothing is changed now, so anything may go. */
  private void trimCache() {
    Iterator<QueueId> eldest = cache.keySet().iterator();
    while (cache.size() > MOST_CACHED) {
      eldest.next();
      eldest.remove();
    }
  }
}
