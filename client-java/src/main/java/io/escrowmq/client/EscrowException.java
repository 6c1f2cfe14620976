package io.escrowmq.client;

/** A request about a transaction failed. */
public final class EscrowException extends Exception {

  private static final long serialVersionUID = 1L;

  private final Kind kind;

  EscrowException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  EscrowException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Why, for programs. */
  public Kind kind() {
    return kind;
  }

  /** The reasons that are told apart. */
  public enum Kind {
    /**
     * No answer, or none that says what happened, however often it was tried. Of a decision: the
     * server asks the {@link CheckListener} unless it got it.
     */
    OUTCOME_UNKNOWN,
    /** The server refused; nothing changed. */
    REFUSED,
    /** The transaction was decided otherwise before; nothing changed. */
    CONFLICT,
    /** The transaction was decided already: nothing can be opened under its key or added to it. */
    DECIDED,
    /** The server does not know the transaction. */
    NOT_FOUND,
    /** A topic, or an ordering key of it, has no queue on the broker of the transaction. */
    OTHER_BROKER
  }
}
