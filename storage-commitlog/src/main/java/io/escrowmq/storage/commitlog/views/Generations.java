package io.escrowmq.storage.commitlog.views;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rows that are not in the database yet: those that come, and those that are on their way into it.
 * A reader looks here first and in the database second, and so misses none. The sequencer changes
 * it; look-ups are thread-safe.
 */
final class Generations {

  private final Supplier<YoungRows> next;
  private volatile YoungRows current;
  private volatile @Nullable YoungRows sealed;

  /** Sees a row; false ends the search. */
  @FunctionalInterface
  interface Visitor {
    boolean row(YoungRows rows, int row);
  }

  Generations(Supplier<YoungRows> next) {
    this.next = next;
    this.current = next.get();
  }

  /** Where rows are added. */
  YoungRows current() {
    return current;
  }

  /** Those on their way into the database. */
  @Nullable YoungRows sealed() {
    return sealed;
  }

  /** From now on rows are added to an empty generation. All rows must be shown. */
  YoungRows seal() {
    YoungRows full = current;
    sealed = full;
    current = next.get();
    return full;
  }

  /** The sealed rows are in the database. */
  void dropSealed() {
    sealed = null;
  }

  /** All rows are in the database. */
  void drop() {
    sealed = null;
    if (current.size() > 0) {
      current = next.get();
    }
  }

  /** Visits shown rows that may have the hash. */
  void find(long hash, Visitor visitor) {
    // In the other order, a row might be sealed between the two.
    YoungRows first = current;
    YoungRows second = sealed;
    boolean[] more = {true};
    first.find(hash, row -> more[0] = visitor.row(first, row));
    if (more[0] && second != null) {
      second.find(hash, row -> visitor.row(second, row));
    }
  }

  /** Visits shown rows. */
  void forEach(Visitor visitor) {
    YoungRows first = current;
    YoungRows second = sealed;
    first.forEach(row -> visitor.row(first, row));
    if (second != null) {
      second.forEach(row -> visitor.row(second, row));
    }
  }

  /**
   * Visits rows about in the unsigned order of one of their numbers: a sorted table takes rows in
   * its own order several times as fast as at random places.
   */
  static void inOrder(YoungRows rows, int word, IntConsumer visitor) {
    int size = rows.size();
    int rowBits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(size));
    long rowMask = (1L << rowBits) - 1;
    long[] order = new long[size];
    for (int row = 0; row < size; row++) {
      order[row] = (rows.get(row, word) & ~rowMask | row) ^ Long.MIN_VALUE;
    }
    Arrays.sort(order);
    for (long entry : order) {
      visitor.accept((int) (entry & rowMask));
    }
  }
}
