package io.escrowmq.samples.bank.debit;

import io.escrowmq.samples.bank.contract.Transfer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to make a transfer with one message: the argument that the client hands through to
 * the local transaction. The client runs the local transaction on the thread that sends, so this
 * needs no lock.
 */
final class DebitAttempt {
  private final Transfer transfer;
  private boolean begun;
  private @Nullable DebitResult result;

  DebitAttempt(Transfer transfer) {
    this.transfer = transfer;
  }

  Transfer transfer() {
    return transfer;
  }

  /** Whether the half message was stored and the local transaction begun. */
  boolean begun() {
    return begun;
  }

  void begin() {
    begun = true;
  }

  /** How the local transaction ended; null if it was not run, or if the database could not say. */
  @Nullable DebitResult result() {
    return result;
  }

  void endedWith(DebitResult newResult) {
    this.result = newResult;
  }
}
