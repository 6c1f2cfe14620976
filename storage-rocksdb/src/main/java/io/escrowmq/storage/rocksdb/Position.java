package io.escrowmq.storage.rocksdb;

/**
 * A message's address: the run it belongs to and its place in the run. A run is a stretch of one
 * queue that is short enough for 31 bits; the run's row says which queue and where it begins.
 */
final class Position {

  /** Most messages of a run. */
  static final long RUN_LENGTH = 1L << 31;

  private static final int BITS = 31;

  private Position() {}

  static long of(int run, long index) {
    return Integer.toUnsignedLong(run) << BITS | index;
  }

  static int run(long position) {
    return (int) (position >>> BITS);
  }

  static long index(long position) {
    return position & (RUN_LENGTH - 1);
  }
}
