package io.escrowmq.spi.protocol;

/**
 * Every so manyth of a topic's queues.
 *
 * @param first number of the first one, 0 to {@code step - 1}
 * @param step 1 for every queue
 */
public record QueueStride(int first, int step) {

  /** Every queue. */
  public static final QueueStride ALL = new QueueStride(0, 1);

  public QueueStride {
    if (step < 1 || first < 0 || first >= step) {
      throw new IllegalArgumentException("no stride: " + first + " of " + step);
    }
  }

  /** Whether this queue is one of them. */
  public boolean has(int queue) {
    return queue % step == first;
  }

  /** How many of so many queues. */
  public int of(int queues) {
    return (queues - first + step - 1) / step;
  }

  /** The number of the queue at a place in this stride, from 0. */
  public int queue(int place) {
    return place * step + first;
  }
}
