package io.escrowmq.samples.bank;

import java.io.Serial;

/** The command line makes no sense. The message says what is wrong with it. */
final class UsageException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
