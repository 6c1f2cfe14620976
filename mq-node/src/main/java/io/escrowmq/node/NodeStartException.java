package io.escrowmq.node;

import org.jspecify.annotations.Nullable;

/** A node did not start: what happened, where, why, and what to do next. */
public final class NodeStartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String what;
  private final String where;
  private final String why;
  private final String remedy;

  /**
   * A refusal to start.
   *
   * @param what what could not be done, a short sentence without full stop
   * @param where the directory, address or setting concerned
   * @param why the reason, as far as it is known
   * @param remedy what to do next
   */
  public NodeStartException(
      String what, String where, String why, String remedy, @Nullable Throwable cause) {
    super(what + ": " + where + ": " + why, cause);
    this.what = what;
    this.where = where;
    this.why = why;
    this.remedy = remedy;
  }

  /** What could not be done. */
  public String what() {
    return what;
  }

  /** The directory, address or setting concerned. */
  public String where() {
    return where;
  }

  /** The reason, as far as it is known. */
  public String why() {
    return why;
  }

  /** What to do next. */
  public String remedy() {
    return remedy;
  }
}
