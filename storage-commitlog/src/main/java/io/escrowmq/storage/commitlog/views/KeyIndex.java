package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.Bytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Messages by key, in buckets of a day: a bucket expires as one range. The keys of the latest
 * messages are in memory until the next checkpoint. Look-ups are thread-safe; changes are the
 * sequencer's.
 *
 * <pre>key: 0 day (int32)  4 hash  12 inverted store time ms  20 inverted position; no value</pre>
 */
public final class KeyIndex {

  private static final long DAY_MS = 86_400_000L;
  private static final int HASH_AT = Integer.BYTES;
  private static final int TIME_AT = HASH_AT + Long.BYTES;
  private static final int POSITION_AT = TIME_AT + Long.BYTES;
  private static final int KEY_BYTES = POSITION_AT + Long.BYTES;

  private static final int HASH = 0;
  private static final int TIME = 1;
  private static final int POSITION = 2;
  private static final int WORDS = 3;
  private static final int MOST_YOUNG = 1 << 20;

  /** The order of a search: the latest day first, and in a day that of the bytes. */
  private static final Comparator<byte[]> NEWEST_FIRST =
      Comparator.<byte[]>comparingInt(key -> -dayOf(key)).thenComparing(Arrays::compareUnsigned);

  private final ViewStore store;
  private final Generations young = new Generations(() -> YoungRows.plain(WORDS, MOST_YOUNG));

  KeyIndex(ViewStore store) {
    this.store = store;
  }

  /** Sees a candidate, newest first; false ends the search. */
  @FunctionalInterface
  public interface Visitor {
    boolean candidate(long position, Bytes cursor);
  }

  /**
   * Visits the candidates for a hash, newest first.
   *
   * @param after cursor of the last candidate of the page before
   */
  public void find(long hash, long fromMs, long toMs, Optional<Bytes> after, Visitor visitor) {
    byte[] from =
        after
            .map(Bytes::toArray)
            .map(Keys::after)
            .orElseGet(() -> key(dayOf(toMs), hash, toMs, Long.MAX_VALUE));
    NavigableSet<byte[]> fresh = young(hash, fromMs, from);
    boolean[] more = {true};
    Predicate<byte[]> visit =
        key -> more[0] = visitor.candidate(~number(key, POSITION_AT), Bytes.wrap(key));
    int oldest = Math.max(dayOf(fromMs), firstDay());
    int day = Math.min(dayOf(from), lastDay());
    byte[] start = day == dayOf(from) ? from : firstOf(day, hash);
    while (more[0] && day >= oldest) {
      byte[] prefix = Arrays.copyOf(key(day, hash, 0, 0), TIME_AT);
      store.scan(
          ViewFamily.KEYS,
          start,
          (key, value) -> {
            if (!Keys.startsWith(key, prefix) || ~number(key, TIME_AT) < fromMs) {
              return false;
            }
            visitBefore(fresh, key, visit);
            fresh.remove(key);
            return more[0] && visit.test(key);
          });
      day--;
      start = firstOf(day, hash);
    }
    for (byte[] key : fresh) {
      more[0] = more[0] && visit.test(key);
    }
  }

  /** Stages the keys of a message, for {@link YoungRows#show()}. */
  void stage(Effect.Visible visible, RowSink rows) {
    for (int i = 0; i < visible.keys().size(); i++) {
      long hash = visible.keys().hash(i);
      if (young.current().isFull()) {
        rows.mark(ViewFamily.KEYS, key(hash, visible.storeTimeMs(), visible.position()));
      } else {
        young.current().add(hash, hash, visible.storeTimeMs(), visible.position());
      }
    }
  }

  /** Keys that are not in the database yet. */
  Generations young() {
    return young;
  }

  /** Adds young keys to the database. */
  static void store(YoungRows keys, RowSink sink) {
    Generations.inOrder(
        keys,
        HASH,
        row ->
            sink.mark(
                ViewFamily.KEYS,
                key(keys.get(row, HASH), keys.get(row, TIME), keys.get(row, POSITION))));
  }

  /** Drops the buckets that end before the time. */
  void forget(long beforeMs, Rows rows) {
    int day = dayOf(beforeMs);
    if (firstDay() < day) {
      rows.deleteRange(ViewFamily.KEYS, new byte[0], key(day, 0, -1, -1));
    }
  }

  /** What the memory has for a hash, in the order of a search. */
  private NavigableSet<byte[]> young(long hash, long fromMs, byte[] from) {
    NavigableSet<byte[]> found = new TreeSet<>(NEWEST_FIRST);
    young.find(
        hash,
        (rows, row) -> {
          if (rows.get(row, HASH) == hash && rows.get(row, TIME) >= fromMs) {
            found.add(key(hash, rows.get(row, TIME), rows.get(row, POSITION)));
          }
          return true;
        });
    return found.tailSet(from, true);
  }

  private static void visitBefore(
      NavigableSet<byte[]> young, byte[] key, Predicate<byte[]> visitor) {
    while (!young.isEmpty()
        && NEWEST_FIRST.compare(young.first(), key) < 0
        && visitor.test(young.first())) {
      young.pollFirst();
    }
  }

  private int firstDay() {
    int[] day = {Integer.MAX_VALUE};
    store.scan(
        ViewFamily.KEYS,
        new byte[0],
        (key, value) -> {
          day[0] = ByteBuffer.wrap(key).getInt();
          return false;
        });
    return day[0];
  }

  private int lastDay() {
    byte[] greatest = new byte[KEY_BYTES];
    Arrays.fill(greatest, (byte) 0xFF);
    byte[] last = store.floorKey(ViewFamily.KEYS, greatest);
    return last == null ? -1 : ByteBuffer.wrap(last).getInt();
  }

  /** Days are counted from 0 and fit 31 bits, so that byte order is time order. */
  private static int dayOf(long timeMs) {
    return Math.clamp(timeMs / DAY_MS, 0, Integer.MAX_VALUE - 1);
  }

  private static int dayOf(byte[] key) {
    return ByteBuffer.wrap(key).getInt();
  }

  private static long number(byte[] key, int at) {
    return ByteBuffer.wrap(key).getLong(at);
  }

  /** Before every key of the hash in the day's bucket. */
  private static byte[] firstOf(int day, long hash) {
    return key(day, hash, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  private static byte[] key(long hash, long timeMs, long position) {
    return key(dayOf(timeMs), hash, timeMs, position);
  }

  private static byte[] key(int day, long hash, long timeMs, long position) {
    return ByteBuffer.allocate(KEY_BYTES)
        .putInt(day)
        .putLong(hash)
        .putLong(~timeMs)
        .putLong(~position)
        .array();
  }
}
