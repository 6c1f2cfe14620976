package io.escrowmq.broker;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumer offsets: rows of the table {@code offsets}, key {@code group@topic@queue} in UTF-8,
 * value int64 big-endian. Readers see the newest one at once. Whoever commits waits until it is
 * written, together with everything accepted meanwhile; what comes along with pulls is collected in
 * memory and written a moment later. Thread-safe.
 */
final class OffsetTable implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OffsetTable.class);

  static final String TABLE = "offsets";
  private static final int ROWS_PER_BATCH = 1_000;
  private static final long RETRY_MS = 1_000;

  private record Key(String group, QueueId queue) {
    Bytes bytes() {
      return Bytes.utf8(group + "@" + queue.topic() + "@" + queue.queue());
    }

    /** Neither groups nor topics can have the separator in their names. */
    static Key parse(String text) {
      int first = text.indexOf('@');
      int last = text.lastIndexOf('@');
      return new Key(
          text.substring(0, first),
          new QueueId(text.substring(first + 1, last), Integer.parseInt(text.substring(last + 1))));
    }
  }

  private final Storage storage;
  private final Background background;
  private final Counters counters;
  private final long flushAfterMs;

  private final Object lock = new Object();
  private Map<Key, Long> accepted = new HashMap<>();
  private Map<Key, Long> beingWritten = Map.of();
  private boolean flushPlanned;
  private volatile boolean failing;

  /** Who else has to know where a group is. */
  private volatile Moves moves = Moves.NOBODY;

  /** Held while rows are written, so that an older value never overtakes a newer one. */
  private final Object writing = new Object();

  OffsetTable(Storage storage, Background background, Counters counters, long flushAfterMs) {
    this.storage = storage;
    this.background = background;
    this.counters = counters;
    this.flushAfterMs = flushAfterMs;
  }

  /** Hears of every offset that is committed here. */
  interface Moves {

    /** For tables that nobody listens to. */
    Moves NOBODY =
        new Moves() {
          @Override
          public void moved(String group, QueueId queue, long offset) {}

          @Override
          public void forgotten(String group) {}
        };

    /** Does not block. */
    void moved(String group, QueueId queue, long offset);

    /** May block. */
    void forgotten(String group);
  }

  void tell(Moves listener) {
    moves = listener;
  }

  /** Takes an offset; it is written within the flush time. Never blocks for I/O. */
  void commitSoon(String group, QueueId queue, long offset) {
    synchronized (lock) {
      accepted.put(new Key(group, queue), offset);
      plan(flushAfterMs);
    }
    moves.moved(group, queue, offset);
  }

  /**
   * Takes an offset and returns when it is written. If the store refuses, the offset counts in
   * memory and is written later.
   */
  void commit(String group, QueueId queue, long offset) {
    synchronized (lock) {
      accepted.put(new Key(group, queue), offset);
    }
    moves.moved(group, queue, offset);
    try {
      flush();
    } catch (RuntimeException e) {
      synchronized (lock) {
        plan(RETRY_MS);
      }
      throw e;
    }
  }

  /** The newest offset; may read the store. */
  OptionalLong find(String group, QueueId queue) {
    Key key = new Key(group, queue);
    synchronized (lock) {
      Long newest = accepted.get(key);
      if (newest == null) {
        newest = beingWritten.get(key);
      }
      if (newest != null) {
        return OptionalLong.of(newest);
      }
    }
    return storage
        .tables()
        .get(TABLE, key.bytes())
        .map(OffsetTable::decode)
        .orElse(OptionalLong.empty());
  }

  /** The newest offset, which is in the store then and not in memory only; may block. */
  OptionalLong settled(String group, QueueId queue) {
    Key key = new Key(group, queue);
    boolean pending;
    synchronized (lock) {
      pending = accepted.containsKey(key) || beingWritten.containsKey(key);
    }
    if (pending) {
      flush();
    }
    return find(group, queue);
  }

  /** The row of an offset, for those who write it together with something else. */
  static Mutation rowOf(String group, QueueId queue, long offset) {
    return new Mutation.Put(TABLE, new Key(group, queue).bytes(), encode(offset));
  }

  /** Every offset of the group; reads the store. */
  Map<QueueId, Long> all(String group) {
    Map<QueueId, Long> offsets = new HashMap<>();
    for (TableRow row : TableScan.all(storage.tables(), TABLE, Bytes.utf8(group + "@"))) {
      Key key = Key.parse(row.key().asUtf8());
      if (key.group().equals(group)) {
        decode(row).ifPresent(offset -> offsets.put(key.queue(), offset));
      }
    }
    synchronized (lock) {
      addOf(group, beingWritten, offsets);
      addOf(group, accepted, offsets);
    }
    return offsets;
  }

  /** Every offset of every group, in name order of the groups; reads the store once. */
  Map<String, Map<QueueId, Long>> all() {
    Map<String, Map<QueueId, Long>> offsets = new TreeMap<>();
    for (TableRow row : TableScan.all(storage.tables(), TABLE)) {
      decode(row).ifPresent(offset -> add(Key.parse(row.key().asUtf8()), offset, offsets));
    }
    synchronized (lock) {
      beingWritten.forEach((key, offset) -> add(key, offset, offsets));
      accepted.forEach((key, offset) -> add(key, offset, offsets));
    }
    return offsets;
  }

  private static void add(Key key, long offset, Map<String, Map<QueueId, Long>> to) {
    to.computeIfAbsent(key.group(), _ -> new HashMap<>()).put(key.queue(), offset);
  }

  private static void addOf(String group, Map<Key, Long> from, Map<QueueId, Long> to) {
    from.forEach((key, offset) -> {
      if (key.group().equals(group)) {
        to.put(key.queue(), offset);
      }
    });
  }

  /** Forgets every offset of the group; blocks. */
  void forget(String group) {
    synchronized (writing) {
      synchronized (lock) {
        accepted.keySet().removeIf(key -> key.group().equals(group));
      }
      WriteBatch.Builder batch = WriteBatch.builder();
      List<TableRow> rows = TableScan.all(storage.tables(), TABLE, Bytes.utf8(group + "@"));
      for (TableRow row : rows) {
        if (Key.parse(row.key().asUtf8()).group().equals(group)) {
          batch.add(new Mutation.Delete(TABLE, row.key()));
        }
      }
      if (!rows.isEmpty()) {
        Failures.await(storage.write(batch.build()));
      }
    }
    moves.forgotten(group);
  }

  /** Writes everything accepted so far; blocks. */
  void flush() {
    synchronized (writing) {
      Map<Key, Long> taken;
      synchronized (lock) {
        taken = accepted;
        beingWritten = taken;
        accepted = new HashMap<>();
      }
      boolean done = false;
      try {
        write(taken);
        done = true;
      } finally {
        synchronized (lock) {
          beingWritten = Map.of();
          if (!done) {
            taken.forEach(accepted::putIfAbsent);
          }
        }
      }
    }
  }

  /** Writes what is left. */
  @Override
  public void close() {
    try {
      flush();
    } catch (RuntimeException e) {
      LOG.error(
          "consumer offsets could not be written at shutdown: {}. Consumers may see their last"
              + " messages again",
          e.getMessage(),
          e);
    }
  }

  private void plan(long delayMs) {
    if (!flushPlanned) {
      flushPlanned = true;
      background.blockingAfter(delayMs, this::flushPlanned);
    }
  }

  private void flushPlanned() {
    synchronized (lock) {
      flushPlanned = false;
    }
    try {
      flush();
      if (failing) {
        failing = false;
        LOG.info("consumer offsets are written again");
      }
    } catch (RuntimeException e) {
      counters.backgroundErrors.increment();
      if (!failing) {
        failing = true;
        LOG.warn(
            "consumer offsets cannot be written: {}. They stay in memory; trying again until it"
                + " works",
            e.getMessage(),
            e);
      }
      synchronized (lock) {
        plan(RETRY_MS);
      }
    }
  }

  private void write(Map<Key, Long> offsets) {
    WriteBatch.Builder batch = WriteBatch.builder();
    int rows = 0;
    for (Map.Entry<Key, Long> offset : offsets.entrySet()) {
      batch.add(putOf(offset.getKey(), offset.getValue()));
      rows++;
      if (rows == ROWS_PER_BATCH) {
        Failures.await(storage.write(batch.build()));
        batch = WriteBatch.builder();
        rows = 0;
      }
    }
    if (rows > 0) {
      Failures.await(storage.write(batch.build()));
    }
  }

  /** An offset's row. */
  static Mutation.Put putOf(String group, QueueId queue, long offset) {
    return putOf(new Key(group, queue), offset);
  }

  private static Mutation.Put putOf(Key key, long offset) {
    return new Mutation.Put(TABLE, key.bytes(), encode(offset));
  }

  private static Bytes encode(long offset) {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(offset).array());
  }

  private static OptionalLong decode(TableRow row) {
    return OptionalLong.of(ByteBuffer.wrap(row.value().toArray()).getLong());
  }
}
