package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.Bytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Messages by key, in buckets of a day: a bucket expires as one range. Look-ups are thread-safe;
 * changes are the sequencer's.
 *
 * <pre>key: 0 day (int32)  4 hash  12 inverted store time ms  20 inverted position; no value</pre>
 */
public final class KeyIndex {

  private static final long DAY_MS = 86_400_000L;
  private static final int HASH_AT = Integer.BYTES;
  private static final int TIME_AT = HASH_AT + Long.BYTES;
  private static final int POSITION_AT = TIME_AT + Long.BYTES;
  private static final int KEY_BYTES = POSITION_AT + Long.BYTES;

  private final ViewStore store;

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
    int oldest = Math.max(dayOf(fromMs), firstDay());
    int day = Math.min(dayOf(toMs), lastDay());
    byte[] from = key(day, hash, toMs, Long.MAX_VALUE);
    if (after.isPresent()) {
      from = Keys.after(after.get().toArray());
      day = Math.min(day, ByteBuffer.wrap(from).getInt());
    }
    boolean[] more = {true};
    while (more[0] && day >= oldest) {
      byte[] prefix = Arrays.copyOf(key(day, hash, 0, 0), TIME_AT);
      store.scan(
          ViewFamily.KEYS,
          from,
          (key, value) -> {
            if (!Keys.startsWith(key, prefix)) {
              return false;
            }
            ByteBuffer fields = ByteBuffer.wrap(key);
            if (~fields.getLong(TIME_AT) < fromMs) {
              more[0] = false;
            } else {
              more[0] = visitor.candidate(~fields.getLong(POSITION_AT), Bytes.wrap(key));
            }
            return more[0];
          });
      day--;
      from = key(day, hash, Long.MAX_VALUE, Long.MAX_VALUE);
    }
  }

  void stage(Effect.Visible visible, Rows rows) {
    int day = dayOf(visible.storeTimeMs());
    for (int i = 0; i < visible.keys().size(); i++) {
      rows.mark(
          ViewFamily.KEYS,
          key(day, visible.keys().hash(i), visible.storeTimeMs(), visible.position()));
    }
  }

  /** Drops the buckets that end before the time. */
  void forget(long beforeMs, Rows rows) {
    int day = dayOf(beforeMs);
    if (firstDay() < day) {
      rows.deleteRange(ViewFamily.KEYS, new byte[0], key(day, 0, -1, -1));
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

  private static byte[] key(int day, long hash, long timeMs, long position) {
    return ByteBuffer.allocate(KEY_BYTES)
        .putInt(day)
        .putLong(hash)
        .putLong(~timeMs)
        .putLong(~position)
        .array();
  }
}
