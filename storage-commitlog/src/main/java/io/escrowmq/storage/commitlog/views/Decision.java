package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.HoldStatus;
import java.nio.ByteBuffer;

/**
 * What is remembered of a decided hold.
 *
 * @param released false if it was discarded
 * @param queueOffset offset of the released message, else -1
 * @param position address of the released message, else -1
 */
public record Decision(boolean released, long queueOffset, long position, long decidedAtMs) {

  /** As the SPI shows it. */
  public HoldStatus status() {
    HoldStatus.State state = released ? HoldStatus.State.RELEASED : HoldStatus.State.DISCARDED;
    return new HoldStatus(state, queueOffset, position, decidedAtMs);
  }

  /** As somebody else made it. */
  public static Decision of(HoldStatus status) {
    return new Decision(
        status.state() == HoldStatus.State.RELEASED,
        status.queueOffset(),
        status.position(),
        status.decidedAtMs());
  }

  byte[] encode() {
    return ByteBuffer.allocate(1 + 3 * Long.BYTES)
        .put((byte) (released ? 1 : 0))
        .putLong(queueOffset)
        .putLong(position)
        .putLong(decidedAtMs)
        .array();
  }

  static Decision decode(byte[] value) {
    ByteBuffer row = ByteBuffer.wrap(value);
    return new Decision(row.get() == 1, row.getLong(), row.getLong(), row.getLong());
  }
}
