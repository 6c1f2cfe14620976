package io.escrowmq.tx;

/** Where a transaction stands. */
public enum RegisterState {
  /** Undecided; the producer group is asked about it. */
  HELD,
  /** Undecided; nobody is asked any more. */
  PARKED,
  /** Decided: visible, or waiting for its delivery time. */
  COMMITTED,
  /** Decided: gone. */
  ROLLED_BACK
}
