package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.QueueId;

/**
 * One hand-over of one message to a consumer, as the consumer names it later.
 *
 * @param queue where the message is
 * @param offset its offset there
 * @param popTimeMs when it was handed over, milliseconds since the epoch, as the answer said
 * @param generation the number of the hand-over, as the answer said. Together with the time it is
 *     different for every hand-over, so that a word about an older one changes nothing
 */
public record Delivery(QueueId queue, long offset, long popTimeMs, int generation) {

  /** What became of a word about a delivery. */
  public enum Outcome {
    /** Done, now or by an earlier word. */
    DONE,
    /** The message was handed over again since, or is about to be; nothing changed. */
    STALE,
    /** The group was never given a message at this offset; nothing changed. */
    UNKNOWN
  }
}
