package io.escrowmq.spi.storage;

import java.time.Duration;

/**
 * The root of everything a store can refuse. The message says what, where and why; remedy what to
 * do.
 */
public abstract sealed class StorageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Kind kind;
  private final String remedy;

  private StorageException(Kind kind, String message, String remedy, Throwable... cause) {
    super(message, cause.length == 0 ? null : cause[0]);
    this.kind = kind;
    this.remedy = remedy;
  }

  /** Who has to act. */
  public enum Kind {
    /** The request is wrong. */
    USER,
    /** Try again later. */
    RETRIABLE,
    /** The engine is read-only or closed until an operator acts. */
    FATAL
  }

  /** Who has to act. */
  public Kind kind() {
    return kind;
  }

  /** What to do, one sentence. */
  public String remedy() {
    return remedy;
  }

  /** The writer's lease was taken over: stop, somebody else owns the scope. */
  public static final class Fenced extends StorageException {
    private static final long serialVersionUID = 1L;

    public Fenced(String scope, long expectedEpoch, long actualEpoch) {
      super(
          Kind.FATAL,
          "lease of "
              + scope
              + " has epoch "
              + actualEpoch
              + ", the write was made for "
              + expectedEpoch,
          "Another server owns this scope; this one must stop writing to it and acquire it again.");
    }
  }

  /** Too much is in flight: nothing happened. */
  public static final class Overloaded extends StorageException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    public Overloaded(String message, Duration retryAfter) {
      super(Kind.RETRIABLE, message, "Send again after " + retryAfter.toMillis() + " ms.");
      this.retryAfter = retryAfter;
    }

    /** When it makes sense to try again. */
    public Duration retryAfter() {
      return retryAfter;
    }
  }

  /** No room: writes are refused, reads go on, and writes resume when there is room again. */
  public static final class Full extends StorageException {
    private static final long serialVersionUID = 1L;

    public Full(String message, Throwable... cause) {
      super(
          Kind.RETRIABLE,
          message,
          "Free disk space or shorten the retention; writing resumes by itself.",
          cause);
    }
  }

  /** Stored data does not match its checksum. */
  public static final class Corrupt extends StorageException {
    private static final long serialVersionUID = 1L;

    public Corrupt(String message, Throwable... cause) {
      super(
          Kind.FATAL,
          message,
          "Keep the files as they are; restore this directory from a backup or a replica.",
          cause);
    }
  }

  /**
   * The device or database does not answer or failed; the outcome of a pending write is unknown.
   */
  public static final class Unavailable extends StorageException {
    private static final long serialVersionUID = 1L;

    public Unavailable(Kind kind, String message, String remedy, Throwable... cause) {
      super(kind, message, remedy, cause);
    }
  }

  /** A message, key, value or batch is over its limit. */
  public static final class TooLarge extends StorageException {
    private static final long serialVersionUID = 1L;

    public TooLarge(String what, long size, long limit) {
      super(
          Kind.USER,
          what + " has size " + size + ", the limit is " + limit,
          "Split it, or keep the payload elsewhere and send a reference.");
    }
  }

  /** The store was closed. */
  public static final class Closed extends StorageException {
    private static final long serialVersionUID = 1L;

    public Closed() {
      super(Kind.FATAL, "the store is closed", "Open it again, or start the server.");
    }
  }
}
