package io.escrowmq.samples.bank.debit;

import io.escrowmq.samples.bank.contract.Transfer;

/**
 * Places where the demo breaks this service on purpose. A real service has none of these: it passes
 * {@link #NONE}.
 */
public interface DebitFaults {
  /** Nothing goes wrong. */
  DebitFaults NONE = new DebitFaults() {};

  /** Called when the half message is stored and the local transaction has not begun. */
  default void beforeDebit(Transfer transfer, String txId) {}

  /** Called when the local transaction has committed and the server has not been told. */
  default void afterDebit(Transfer transfer, String txId) {}

  /**
   * Whether this service loses track of the outcome, as it would when the answer to a database
   * commit is lost.
   */
  default boolean losesOutcome(Transfer transfer) {
    return false;
  }
}
