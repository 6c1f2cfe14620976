package io.escrowmq.spi.storage;

/** Abilities an engine may lack. What every engine must do has no entry here. */
public enum Capability {
  /**
   * Calls {@link AppendListener} by itself; without it the broker polls {@link MessageLog#bounds}.
   */
  PUSH_NOTIFICATIONS,
  /** Several servers may open the same store at once. */
  SHARED,
  /** {@link Durability#REPLICATED} is available. */
  REPLICATION
}
