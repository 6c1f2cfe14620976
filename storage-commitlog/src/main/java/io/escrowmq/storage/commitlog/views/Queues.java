package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All queues and their index. Queues are loaded when first used. Look-ups are thread-safe; changes
 * are the sequencer's.
 */
public final class Queues {

  private final ViewStore store;
  private final ConcurrentHashMap<QueueId, QueueState> byName = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Long, QueueState> byUid = new ConcurrentHashMap<>();
  private List<QueueState> dirty = new ArrayList<>();
  private List<QueueState> touched = new ArrayList<>();

  Queues(ViewStore store) {
    this.store = store;
  }

  /** The queue, if it ever had a message. */
  public Optional<QueueState> find(QueueId id) {
    QueueState known = byName.get(id);
    return known != null ? Optional.of(known) : Optional.ofNullable(load(id));
  }

  /** The queue with this uid. */
  public Optional<QueueState> find(long uid) {
    QueueState known = byUid.get(uid);
    if (known != null) {
      return Optional.of(known);
    }
    byte[] name = store.get(ViewFamily.QUEUES, Keys.queueByUid(uid));
    return name == null ? Optional.empty() : find(Keys.queueOf(name));
  }

  /** The queue, created if needed. Sequencer only. */
  public QueueState findOrCreate(QueueId id, long uidIfNew) {
    QueueState known = byName.get(id);
    if (known == null) {
      known = load(id);
    }
    if (known == null) {
      known = new QueueState(id, uidIfNew, QueueBounds.EMPTY);
      byName.put(id, known);
      byUid.put(uidIfNew, known);
    }
    return known;
  }

  /** The index entry of a visible offset. */
  public Optional<IndexEntry> entry(QueueState queue, long offset) {
    IndexBlock block = block(queue, offset);
    return block == null ? Optional.empty() : Optional.of(block.get(offset));
  }

  /** The entries from the offset to the end of its block or the limit, whichever comes first. */
  public List<IndexEntry> entries(QueueState queue, long from, long to) {
    IndexBlock block = block(queue, from);
    List<IndexEntry> entries = new ArrayList<>();
    if (block != null) {
      long end = Math.min(to, block.start() + IndexBlock.ENTRIES);
      for (long offset = from; offset < end; offset++) {
        entries.add(block.get(offset));
      }
    }
    return entries;
  }

  /** The first visible offset stored at or after the time. */
  public long offsetAt(QueueState queue, long timeMs) {
    QueueBounds bounds = queue.bounds();
    long low = bounds.min();
    long high = bounds.max();
    while (low < high) {
      long middle = (low + high) >>> 1;
      IndexBlock block = block(queue, middle);
      if (block == null || block.storeTimeMs(middle) < timeMs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The first visible offset whose address is at or after the log position; max if none. */
  long firstAtOrAfter(QueueState queue, long position) {
    QueueBounds bounds = queue.bounds();
    long low = bounds.min();
    long high = bounds.max();
    while (low < high) {
      long middle = (low + high) >>> 1;
      IndexBlock block = block(queue, middle);
      if (block == null || block.get(middle).position() < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Number of queues in memory. */
  public int loaded() {
    return byName.size();
  }

  void stage(Effect.Visible visible, Rows rows) {
    QueueState queue = visible.queue();
    long offset = visible.offset();
    if (offset != queue.stagedMax()) {
      throw new IllegalStateException(
          queue.id() + " expects offset " + queue.stagedMax() + ", got " + offset);
    }
    if (queue.stagedMax() == 0) {
      putName(queue, rows);
    }
    touch(queue);
    IndexBlock block = tailOf(queue).roomFor(offset);
    block.set(offset, new IndexEntry(visible.body(), visible.position(), visible.storeTimeMs()));
    queue.stageMax(offset + 1);
    if (offset - block.start() == IndexBlock.ENTRIES - 1) {
      rows.put(ViewFamily.BLOCKS, blockKey(queue, offset), block.encode(IndexBlock.ENTRIES));
      block = IndexBlock.empty(offset + 1);
    }
    queue.stageTail(block);
  }

  void stage(Effect.Begun begun, Rows rows) {
    QueueState queue = begun.queue();
    putName(queue, rows);
    touch(queue);
    queue.stageBegin(begun.firstOffset());
  }

  void stage(Effect.Trimmed trimmed) {
    touch(trimmed.queue());
    trimmed.queue().stageMin(trimmed.newMinOffset());
  }

  void stage(Effect.BodyMoved moved, Rows rows) {
    QueueState queue = moved.queue();
    touch(queue);
    IndexBlock tail = tailOf(queue);
    if (moved.offset() >= tail.start()) {
      queue.stageTail(tail.moved(moved.offset(), moved.body()));
      return;
    }
    long number = moved.offset() / IndexBlock.ENTRIES;
    byte[] key = Keys.block(queue.uid(), number);
    byte[] value = store.get(ViewFamily.BLOCKS, key);
    if (value != null) {
      IndexBlock block = IndexBlock.decode(number, value).moved(moved.offset(), moved.body());
      rows.put(ViewFamily.BLOCKS, key, block.encode(IndexBlock.ENTRIES));
    }
  }

  /** Raises the minimum of a queue because its first messages are gone. */
  void stageMin(QueueState queue, long newMin) {
    touch(queue);
    queue.stageMin(newMin);
  }

  /** Shows readers what was staged, and returns the queues that changed. */
  List<QueueState> publish() {
    List<QueueState> changed = touched;
    touched = new ArrayList<>();
    for (QueueState queue : changed) {
      queue.publish();
    }
    return changed;
  }

  /** Adds the rows and unfinished blocks of all queues that changed since the last time. */
  void checkpoint(Rows rows) {
    for (QueueState queue : dirty) {
      rows.put(ViewFamily.QUEUES, Keys.queueByName(queue.id()), encode(queue));
      IndexBlock tail = queue.staged();
      if (tail != null && queue.stagedMax() > tail.start()) {
        rows.put(
            ViewFamily.BLOCKS,
            blockKey(queue, tail.start()),
            tail.encode((int) (queue.stagedMax() - tail.start())));
      }
      queue.makeClean();
    }
    dirty = new ArrayList<>();
  }

  /** Visits the name of every queue that was ever checkpointed or is in memory. */
  void forEachName(Consumer<QueueId> visitor) {
    byName.keySet().forEach(visitor);
    store.scan(
        ViewFamily.QUEUES,
        Keys.firstQueueByName(),
        (key, value) -> {
          if (!Keys.isQueueByName(key)) {
            return false;
          }
          QueueId id = Keys.queueOf(key);
          if (!byName.containsKey(id)) {
            visitor.accept(id);
          }
          return true;
        });
  }

  /** See {@link io.escrowmq.spi.storage.MessageLog#queues}; in the order of their keys. */
  public List<QueueId> names(Optional<QueueId> after, int limit) {
    byte[] from =
        after.map(id -> Keys.after(Keys.queueByName(id))).orElseGet(Keys::firstQueueByName);
    TreeMap<Bytes, QueueId> page = new TreeMap<>();
    Bytes first = Bytes.wrap(from);
    for (QueueState queue : byName.values()) {
      Bytes key = Bytes.wrap(Keys.queueByName(queue.id()));
      if (queue.bounds().max() > 0 && key.compareTo(first) >= 0) {
        page.put(key, queue.id());
        if (page.size() > limit) {
          page.pollLastEntry();
        }
      }
    }
    int[] stored = new int[1];
    store.scan(
        ViewFamily.QUEUES,
        from,
        (key, value) -> {
          if (!Keys.isQueueByName(key) || stored[0]++ == limit) {
            return false;
          }
          page.put(Bytes.wrap(key), Keys.queueOf(key));
          return true;
        });
    return page.values().stream().limit(limit).toList();
  }

  private static void putName(QueueState queue, Rows rows) {
    rows.put(ViewFamily.QUEUES, Keys.queueByUid(queue.uid()), Keys.queueByName(queue.id()));
  }

  private void touch(QueueState queue) {
    if (queue.makeTouched()) {
      touched.add(queue);
    }
    if (queue.makeDirty()) {
      dirty.add(queue);
    }
  }

  private IndexBlock tailOf(QueueState queue) {
    IndexBlock staged = queue.staged();
    if (staged != null) {
      return staged;
    }
    long start = IndexBlock.startOf(queue.stagedMax());
    byte[] value =
        start == queue.stagedMax() ? null : store.get(ViewFamily.BLOCKS, blockKey(queue, start));
    IndexBlock loaded =
        value == null
            ? IndexBlock.empty(start)
            : IndexBlock.decode(start / IndexBlock.ENTRIES, value);
    queue.stageTail(loaded);
    return loaded;
  }

  private @Nullable IndexBlock block(QueueState queue, long offset) {
    IndexBlock tail = queue.tailWith(offset);
    if (tail != null) {
      return tail;
    }
    byte[] value = store.get(ViewFamily.BLOCKS, blockKey(queue, offset));
    return value == null ? null : IndexBlock.decode(offset / IndexBlock.ENTRIES, value);
  }

  private @Nullable QueueState load(QueueId id) {
    byte[] row = store.get(ViewFamily.QUEUES, Keys.queueByName(id));
    if (row == null) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(row);
    long uid = buffer.getLong();
    QueueBounds bounds = new QueueBounds(buffer.getLong(), buffer.getLong());
    QueueState state = byName.computeIfAbsent(id, ignored -> new QueueState(id, uid, bounds));
    byUid.putIfAbsent(state.uid(), state);
    return state;
  }

  private static byte[] encode(QueueState queue) {
    return ByteBuffer.allocate(3 * Long.BYTES)
        .putLong(queue.uid())
        .putLong(queue.stagedMin())
        .putLong(queue.stagedMax())
        .array();
  }

  private static byte[] blockKey(QueueState queue, long offset) {
    return Keys.block(queue.uid(), offset / IndexBlock.ENTRIES);
  }

  /** Wraps a failure to find what must be there. */
  static StorageException.Corrupt missing(QueueState queue, long offset) {
    return new StorageException.Corrupt(
        "the index of " + queue.id() + " has no entry for offset " + offset);
  }
}
