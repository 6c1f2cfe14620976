package io.escrowmq.spi.storage;

/**
 * How an {@link IntakeTable} stands.
 *
 * @param waitingRows committed rows that were not moved yet; counted up to {@link #MOST_COUNTED}
 * @param oldestMs age of the oldest of them, milliseconds; 0 if there is none
 * @param rejectedRows rows that were put aside because they can never be sent, up to the same
 */
public record IntakeFigures(long waitingRows, long oldestMs, long rejectedRows) {

  /** Counting more would cost more than it tells. */
  public static final int MOST_COUNTED = 100_000;

  /** Nothing is known yet. */
  public static final IntakeFigures NONE = new IntakeFigures(0, 0, 0);
}
