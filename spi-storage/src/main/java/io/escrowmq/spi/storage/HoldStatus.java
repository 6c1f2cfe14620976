package io.escrowmq.spi.storage;

/**
 * What the store knows of a hold id.
 *
 * @param queueOffset offset of the released message, else -1
 * @param position address of the released message, else -1; a decision that was restored from
 *     another store has what the restorer gave, -1 for lack of an address here
 * @param decidedAtMs store time of the release or discard, else -1
 */
public record HoldStatus(State state, long queueOffset, long position, long decidedAtMs) {

  /** Held, neither released nor discarded. */
  public static final HoldStatus HELD = new HoldStatus(State.HELD, -1, -1, -1);

  /** Never held, or forgotten. */
  public static final HoldStatus UNKNOWN = new HoldStatus(State.UNKNOWN, -1, -1, -1);

  /** The four states of an id. */
  public enum State {
    HELD,
    RELEASED,
    DISCARDED,
    UNKNOWN
  }
}
