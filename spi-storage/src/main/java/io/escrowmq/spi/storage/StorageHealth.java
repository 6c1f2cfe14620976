package io.escrowmq.spi.storage;

/**
 * Whether a store accepts writes.
 *
 * @param reason one sentence; empty when healthy
 * @param remedy what the operator should do; empty when healthy
 */
public record StorageHealth(State state, String reason, String remedy) {

  /** All is well. */
  public static final StorageHealth UP = new StorageHealth(State.UP, "", "");

  /** From best to worst. */
  public enum State {
    /** Reads and writes. */
    UP,
    /** Reads and writes, but attention is due. */
    DEGRADED,
    /**
     * Reads; messages are refused until there is room, while batches that carry none (decisions,
     * table rows) may go on. Recovers by itself.
     */
    FULL,
    /** Reads; writes are refused until the server is restarted. */
    READ_ONLY,
    /** Closed, or unable to read. */
    DOWN
  }

  /** True if writes are accepted. */
  public boolean writable() {
    return state == State.UP || state == State.DEGRADED;
  }
}
