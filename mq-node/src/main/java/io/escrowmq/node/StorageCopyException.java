package io.escrowmq.node;

import org.jspecify.annotations.Nullable;

/** Data was not copied from one store to another: why, and what to do next. */
public final class StorageCopyException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String remedy;

  /** What kept the copy from being made. */
  public enum Reason {
    /** There is nothing to copy from. */
    NO_SOURCE,
    /** A store is in use, not empty, not in order, or cannot be opened: nothing was written. */
    NOT_USABLE,
    /** The copy broke off, or is not equal: the target is of no use. */
    FAILED
  }

  StorageCopyException(Reason reason, String message, String remedy, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.remedy = remedy;
  }

  /** What kept the copy from being made. */
  public Reason reason() {
    return reason;
  }

  /** What to do next. */
  public String remedy() {
    return remedy;
  }
}
