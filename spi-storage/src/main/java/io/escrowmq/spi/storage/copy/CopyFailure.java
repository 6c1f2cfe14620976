package io.escrowmq.spi.storage.copy;

/** A copy that cannot be made, or that did not turn out equal. The target is of no use then. */
public final class CopyFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String remedy;

  public CopyFailure(String message, String remedy, Throwable... cause) {
    super(message, cause.length == 0 ? null : cause[0]);
    this.remedy = remedy;
  }

  /** What to do, one sentence. */
  public String remedy() {
    return remedy;
  }
}
