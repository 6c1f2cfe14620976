package io.escrowmq.storage.commitlog.views;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a few numbers each, in the order they came, found by a hash. They are kept in arrays,
 * because a sorted table of the database takes ten times as long for a row at a random place. Rows
 * that are looked for often have a hash table; others are searched for, a million in a millisecond
 * or two. The sequencer adds; look-ups are thread-safe and see what was shown.
 */
final class YoungRows {

  /** Rows of one array, number by number: 192 KiB for rows of three. */
  private static final int CHUNK = 1 << 13;

  private static final int CHUNK_BITS = Integer.numberOfTrailingZeros(CHUNK);
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final int words;
  private final long[][] chunks;
  private final @Nullable AtomicIntegerArray newest;
  private final int hashShift;
  private int size;
  private volatile int shown;

  /** Sees the number of a row; false ends the search. */
  @FunctionalInterface
  interface RowVisitor {
    boolean row(int row);
  }

  private YoungRows(int words, int most, int slots) {
    this.words = words;
    this.chunks = new long[(most + CHUNK - 1) / CHUNK][];
    this.newest = slots == 0 ? null : new AtomicIntegerArray(slots);
    this.hashShift = Long.SIZE - Integer.numberOfTrailingZeros(slots);
  }

  /**
   * No rows, and a hash table for them.
   *
   * @param words numbers in each
   * @param most how many there may be
   * @param slots of the table, a power of two
   */
  static YoungRows hashed(int words, int most, int slots) {
    return new YoungRows(words, most, slots);
  }

  /**
   * No rows. What they are found by must be their first number.
   *
   * @param words numbers in each
   * @param most how many there may be
   */
  static YoungRows plain(int words, int most) {
    return new YoungRows(words, most, 0);
  }

  /** Rows, also those not shown yet. The sequencer's. */
  int size() {
    return size;
  }

  boolean isFull() {
    return size == chunks.length * CHUNK;
  }

  /** True when half of what there may be is there. */
  boolean isCrowded() {
    return size > chunks.length * CHUNK / 2;
  }

  /** Adds a row that nobody sees before {@link #show()}. */
  void add(long hash, long... numbers) {
    long[] chunk = chunks[size >> CHUNK_BITS];
    if (chunk == null) {
      chunk = new long[CHUNK * (newest == null ? words : words + 1)];
      chunks[size >> CHUNK_BITS] = chunk;
    }
    int at = size & CHUNK - 1;
    for (int word = 0; word < words; word++) {
      chunk[word * CHUNK + at] = numbers[word];
    }
    size++;
    if (newest != null) {
      int slot = slot(hash);
      chunk[words * CHUNK + at] = newest.getPlain(slot);
      newest.setRelease(slot, size);
    }
  }

  /** Shows what was added. */
  void show() {
    shown = size;
  }

  /** A number of a row. */
  long get(int row, int word) {
    return chunks[row >> CHUNK_BITS][word * CHUNK + (row & CHUNK - 1)];
  }

  /** Changes a number of a row. The sequencer's. */
  void set(int row, int word, long number) {
    chunks[row >> CHUNK_BITS][word * CHUNK + (row & CHUNK - 1)] = number;
  }

  /** Visits shown rows that may have the hash, the latest first. */
  void find(long hash, RowVisitor visitor) {
    search(hash, shown, visitor);
  }

  /** Visits all rows that may have the hash, the latest first. The sequencer's. */
  void findAll(long hash, RowVisitor visitor) {
    search(hash, size, visitor);
  }

  /** Visits shown rows in the order they came. */
  void forEach(RowVisitor visitor) {
    int end = shown;
    int row = 0;
    while (row < end && visitor.row(row)) {
      row++;
    }
  }

  private void search(long hash, int end, RowVisitor visitor) {
    if (newest == null) {
      int row = end - 1;
      while (row >= 0 && (get(row, 0) != hash || visitor.row(row))) {
        row--;
      }
      return;
    }
    int row = newest.getAcquire(slot(hash)) - 1;
    while (row >= 0 && (row >= end || visitor.row(row))) {
      row = (int) get(row, words) - 1;
    }
  }

  private int slot(long hash) {
    return (int) (hash * MIX >>> hashShift);
  }
}
