package io.escrowmq.spi.storage;

/**
 * What a queue holds: offsets {@code min} (inclusive) to {@code max} (exclusive).
 *
 * @param min first readable offset
 * @param max the offset the next message will get
 */
public record QueueBounds(long min, long max) {

  /** Bounds of a queue that never had a message. */
  public static final QueueBounds EMPTY = new QueueBounds(0, 0);

  /** Number of readable messages. */
  public long size() {
    return max - min;
  }
}
