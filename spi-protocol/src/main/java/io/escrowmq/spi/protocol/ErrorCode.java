package io.escrowmq.spi.protocol;

/** Why the broker refused; each protocol maps these to its own codes. */
public enum ErrorCode {
  TOPIC_NOT_FOUND(Kind.USER),
  GROUP_NOT_FOUND(Kind.USER),
  MESSAGE_ILLEGAL(Kind.USER),
  MESSAGE_NOT_FOUND(Kind.USER),
  INVALID_PARAMETER(Kind.USER),
  NO_PERMISSION(Kind.USER),
  ILLEGAL_OPERATION(Kind.USER),
  SUBSCRIPTION_NOT_FOUND(Kind.USER),
  SUBSCRIPTION_NOT_LATEST(Kind.USER),
  FILTER_INVALID(Kind.USER),
  CONSUMER_NOT_ONLINE(Kind.USER),
  TRANSACTION_DUPLICATE(Kind.USER),
  TRANSACTION_NOT_FOUND(Kind.USER),
  /** Nothing can be added to it any more. */
  TRANSACTION_DECIDED(Kind.USER),
  /** Too much in flight; nothing happened. */
  OVERLOADED(Kind.RETRIABLE),
  /** The group has had what its limit allows; nothing happened. */
  THROTTLED(Kind.RETRIABLE),
  /** No disk space; nothing happened. */
  STORE_FULL(Kind.RETRIABLE),
  /**
   * The store is read-only or failed; the outcome of the request is unknown unless the text says
   * so.
   */
  STORE_UNAVAILABLE(Kind.FATAL),
  /** Starting or shutting down. */
  NOT_SERVING(Kind.RETRIABLE),
  ADDRESS_IN_USE(Kind.FATAL),
  INTERNAL(Kind.FATAL);

  private final Kind kind;

  ErrorCode(Kind kind) {
    this.kind = kind;
  }

  /** Who has to act. */
  public Kind kind() {
    return kind;
  }

  /** Who has to act. */
  public enum Kind {
    /** Fix the request. */
    USER,
    /** Try again later. */
    RETRIABLE,
    /** An operator has to act. */
    FATAL
  }
}
