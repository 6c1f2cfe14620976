package io.escrowmq.tx;

import io.escrowmq.spi.storage.HoldId;
import java.util.Optional;

/**
 * What a client echoes to decide its transaction. Both numbers are non-negative, because the wire
 * treats them as offsets (source: Apache RocketMQ 5.x remoting protocol, SEND_MESSAGE reply and
 * END_TRANSACTION).
 *
 * @param a goes out inside the offset message id and comes back as {@code commitLogOffset}
 * @param b goes out as the queue offset and comes back as {@code tranStateTableOffset}
 */
public record Handle(long a, long b) {

  public Handle {
    if (a < 0 || b < 0) {
      throw new IllegalArgumentException("a handle has no negative part: " + a + ", " + b);
    }
  }

  /** The identity of the held message in the store. */
  public HoldId holdId() {
    return new HoldId(a, b);
  }

  /** The handle of a held message, or empty if the id cannot belong to a transaction. */
  public static Optional<Handle> of(HoldId id) {
    return id.high() < 0 || id.low() < 0
        ? Optional.empty()
        : Optional.of(new Handle(id.high(), id.low()));
  }

  /** Reads the 32 hexadecimal digits that {@link #toString()} wrote. */
  public static Handle parse(String text) {
    HoldId id = HoldId.parse(text);
    return new Handle(id.high(), id.low());
  }

  /** 32 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return holdId().toString();
  }
}
