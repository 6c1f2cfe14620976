package io.escrowmq.samples.bank;

/** What is going to happen to a transfer of the demo. */
enum Fate {
  /** Nothing special. */
  PLAIN,
  /** The business rule of the debit side refuses it: rolled back by its sender. */
  REFUSED,
  /** The debit commits and its sender does not know: settled by check-back. */
  OUTCOME_UNKNOWN,
  /** The money arrives and the acknowledgement gets lost: delivered twice. */
  ACKNOWLEDGEMENT_LOST,
  /** Its sender is killed before the debit: rolled back by check-back from another instance. */
  KILLED_BEFORE_DEBIT,
  /** Its sender is killed between debit and END: committed by check-back from another instance. */
  KILLED_AFTER_DEBIT;

  /** Whether the transfer is made by the instance that will be killed. */
  boolean killsItsSender() {
    return this == KILLED_BEFORE_DEBIT || this == KILLED_AFTER_DEBIT;
  }
}
