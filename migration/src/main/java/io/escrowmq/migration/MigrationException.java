package io.escrowmq.migration;

import org.jspecify.annotations.Nullable;

/** A migration that cannot go on: why, and what to do next. */
final class MigrationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String remedy;

  /** What kept it from going on. */
  enum Reason {
    /** Nobody answers at an address. */
    UNREACHABLE,
    /** The cluster refuses these credentials, or has none to accept. */
    NO_PERMISSION,
    /**
     * The target holds something that this run may not touch, or the source what it cannot copy.
     */
    NOT_POSSIBLE,
    /** It broke off, or what was copied is not what was read. */
    FAILED
  }

  MigrationException(Reason reason, String message, String remedy) {
    this(reason, message, remedy, null);
  }

  MigrationException(Reason reason, String message, String remedy, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.remedy = remedy;
  }

  Reason reason() {
    return reason;
  }

  /** What to do next, a sentence or two. */
  String remedy() {
    return remedy;
  }
}
