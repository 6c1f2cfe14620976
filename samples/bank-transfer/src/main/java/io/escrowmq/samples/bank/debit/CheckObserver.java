package io.escrowmq.samples.bank.debit;

import io.escrowmq.samples.bank.contract.Transfer;

/**
 * Told about each check-back that this service answered. Called on threads of the messaging client.
 */
@FunctionalInterface
public interface CheckObserver {
  void answered(Transfer transfer, TransactionJournal.State state);
}
