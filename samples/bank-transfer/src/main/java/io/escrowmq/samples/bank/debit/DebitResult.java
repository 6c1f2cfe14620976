package io.escrowmq.samples.bank.debit;

/** How a local transaction of the debit side ended. */
public enum DebitResult {
  /** The money is taken and the journal says so: the message must become visible. */
  DEBITED,
  /** A business rule said no: nothing changed. */
  REFUSED,
  /** An earlier attempt with another message already took the money: nothing changed now. */
  ALREADY_DEBITED,
  /**
   * A check-back came before the local transaction and rolled this message back: nothing changed;
   * try again with a new message.
   */
  FENCED
}
