package io.escrowmq.storage.commitlog.log;

import java.util.List;

/**
 * A verified frame as read back from disk. Its ops refer to bytes that are only valid while the
 * scanner stands on it.
 *
 * @param position of its first byte in the log
 * @param length in bytes, padding included
 * @param pad true if it only fills its segment
 * @param durable position that was durable when this frame was decided
 * @param ops its records
 * @param decisions what was decided about each record
 */
public record Frame(
    long position,
    int length,
    boolean pad,
    long storeTimeMs,
    long durable,
    List<Op> ops,
    List<Decision> decisions) {

  /** Position after the frame. */
  public long end() {
    return position + length;
  }

  /**
   * A recorded decision.
   *
   * @param outcomeCode what the sequencer's outcome code was
   * @param queueOffset the offset it gave, 0 if none
   */
  public record Decision(int outcomeCode, long queueOffset) {}
}
