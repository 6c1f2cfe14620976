package io.escrowmq.spi.protocol;

import org.jspecify.annotations.Nullable;

/** A refusal of the broker: a code for programs, a sentence and a remedy for people. */
public final class BrokerException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String remedy;

  /**
   * A refusal.
   *
   * @param message what happened and why
   * @param remedy what to do next
   */
  public BrokerException(ErrorCode code, String message, String remedy) {
    this(code, message, remedy, null);
  }

  /** A refusal with the failure that led to it. */
  public BrokerException(ErrorCode code, String message, String remedy, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.remedy = remedy;
  }

  /** For programs. */
  public ErrorCode code() {
    return code;
  }

  /** What to do next. */
  public String remedy() {
    return remedy;
  }

  /** Message and remedy, as shown to a client. */
  public String describe() {
    return remedy.isEmpty() ? getMessage() + "" : getMessage() + ". " + remedy;
  }
}
