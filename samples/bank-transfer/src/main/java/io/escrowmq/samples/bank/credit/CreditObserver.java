package io.escrowmq.samples.bank.credit;

import io.escrowmq.samples.bank.contract.Transfer;

/** Told about each message that the credit side handled. Called on the consumer's threads. */
public interface CreditObserver {
  /** The money arrived. */
  void credited(Transfer transfer);

  /** The message came again and changed nothing. */
  void duplicateFiltered(Transfer transfer);
}
