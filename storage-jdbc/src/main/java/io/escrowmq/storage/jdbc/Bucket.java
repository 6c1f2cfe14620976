package io.escrowmq.storage.jdbc;

/**
 * A part of the visible messages and of their keys, in tables of its own, that the retention drops
 * whole.
 *
 * @param no rises by one from bucket to bucket
 * @param first smallest position in it
 * @param end the position after the last one that it may have
 */
record Bucket(int no, long first, long end) {

  /** Positions of each bucket after the first: more than there will be messages. */
  static final long SPAN = 100_000_000_000L;

  /** The table of its messages. */
  String messages() {
    return "mq_message_b" + no;
  }

  /** The table of their keys. */
  String keys() {
    return "mq_message_key_b" + no;
  }

  /** The bucket after this one. */
  Bucket next() {
    return new Bucket(no + 1, end, end + SPAN);
  }

  boolean contains(long position) {
    return position >= first && position < end;
  }

  /** True if a store that has given out this position adds nothing here any more. */
  boolean isSealed(long lastPosition) {
    return end <= lastPosition + 1;
  }
}
