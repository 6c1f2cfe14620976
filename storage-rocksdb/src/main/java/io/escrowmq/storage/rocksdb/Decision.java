package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Outcome;
import java.nio.ByteBuffer;

/**
 * What was decided about a hold.
 *
 * @param queueOffset of the released message, else -1
 * @param position of the released message, else -1
 */
record Decision(boolean released, long queueOffset, long position, long decidedAtMs) {

  private static final byte RELEASED = 1;
  private static final byte DISCARDED = 2;

  static Decision release(Outcome visible, long nowMs) {
    return new Decision(true, visible.queueOffset(), visible.position(), nowMs);
  }

  static Decision discard(long nowMs) {
    return new Decision(false, -1, -1, nowMs);
  }

  /** As another store made it. */
  static Decision of(HoldStatus status) {
    return new Decision(
        status.state() == HoldStatus.State.RELEASED,
        status.queueOffset(),
        status.position(),
        status.decidedAtMs());
  }

  HoldStatus status() {
    HoldStatus.State state = released ? HoldStatus.State.RELEASED : HoldStatus.State.DISCARDED;
    return new HoldStatus(state, queueOffset, position, decidedAtMs);
  }

  Outcome outcome() {
    return released
        ? new Outcome(Outcome.Result.ALREADY_RELEASED, queueOffset, position)
        : Outcome.of(Outcome.Result.ALREADY_DISCARDED);
  }

  byte[] encode() {
    return ByteBuffer.allocate(1 + 3 * Long.BYTES)
        .put(released ? RELEASED : DISCARDED)
        .putLong(queueOffset)
        .putLong(position)
        .putLong(decidedAtMs)
        .array();
  }

  static Decision decode(byte[] value) {
    ByteBuffer row = ByteBuffer.wrap(value);
    return new Decision(row.get() == RELEASED, row.getLong(), row.getLong(), row.getLong());
  }
}
