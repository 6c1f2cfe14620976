package io.escrowmq.tx;

import io.escrowmq.spi.storage.QueueId;

/** What is known about a transaction: the facts that a decision is made from. */
sealed interface Known {

  /** Undecided, parked or not. */
  record Open(QueueId queue, HoldAttributes attributes) implements Known {}

  /**
   * Decided to commit.
   *
   * @param queueOffset of the visible message, -1 if it waits for its delivery time
   * @param position of the visible message, else -1
   */
  record Committed(long queueOffset, long position) implements Known {}

  /** Decided to roll back. */
  record RolledBack() implements Known {}

  /** Never held by a transaction, or forgotten. */
  record Nothing() implements Known {}
}
