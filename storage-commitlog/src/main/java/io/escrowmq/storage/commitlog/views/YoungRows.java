package io.escrowmq.storage.commitlog.views;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Rows of a few numbers each, in the order they came, found by a hash. They are kept in arrays,
 * because a sorted table of the database takes ten times as long for a row at a random place. The
 * sequencer adds; look-ups are thread-safe and see what was shown.
 */
final class YoungRows {

  /** Rows of one array: 256 KiB for rows of three numbers. */
  private static final int CHUNK = 1 << 13;

  private static final int CHUNK_BITS = Integer.numberOfTrailingZeros(CHUNK);
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final int words;
  private final long[][] chunks;
  private final AtomicIntegerArray newest;
  private final int hashShift;
  private int size;
  private volatile int shown;

  /** Sees the number of a row; false ends the search. */
  @FunctionalInterface
  interface RowVisitor {
    boolean row(int row);
  }

  /**
   * No rows.
   *
   * @param words numbers in each
   * @param most how many there may be
   * @param slots of the hash table, a power of two
   */
  YoungRows(int words, int most, int slots) {
    this.words = words;
    this.chunks = new long[(most + CHUNK - 1) / CHUNK][];
    this.newest = new AtomicIntegerArray(slots);
    this.hashShift = Long.SIZE - Integer.numberOfTrailingZeros(slots);
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
      chunk = new long[CHUNK * (words + 1)];
      chunks[size >> CHUNK_BITS] = chunk;
    }
    int at = (size & CHUNK - 1) * (words + 1);
    System.arraycopy(numbers, 0, chunk, at, words);
    int slot = slot(hash);
    chunk[at + words] = newest.getPlain(slot);
    size++;
    newest.setRelease(slot, size);
  }

  /** Shows what was added. */
  void show() {
    shown = size;
  }

  /** A number of a row. */
  long get(int row, int word) {
    return chunks[row >> CHUNK_BITS][(row & CHUNK - 1) * (words + 1) + word];
  }

  /** Changes a number of a row. The sequencer's. */
  void set(int row, int word, long number) {
    chunks[row >> CHUNK_BITS][(row & CHUNK - 1) * (words + 1) + word] = number;
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
    int row = newest.getAcquire(slot(hash)) - 1;
    while (row >= 0 && (row >= end || visitor.row(row))) {
      row = (int) get(row, words) - 1;
    }
  }

  private int slot(long hash) {
    return (int) (hash * MIX >>> hashShift);
  }
}
