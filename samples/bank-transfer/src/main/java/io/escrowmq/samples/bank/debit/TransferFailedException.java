package io.escrowmq.samples.bank.debit;

import io.escrowmq.samples.bank.contract.Transfer;
import java.io.Serial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A transfer could not be made because the server took no message for it. No money was taken. */
public final class TransferFailedException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  TransferFailedException(Transfer transfer, Duration patience, @Nullable Exception cause) {
    super(
        "Transfer "
            + transfer.id()
            + " was not made: the server took no message for it within "
            + patience.toSeconds()
            + " s"
            + (cause == null ? "." : ": " + cause.getMessage()),
        cause);
  }
}
