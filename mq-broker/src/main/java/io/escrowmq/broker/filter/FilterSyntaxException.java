package io.escrowmq.broker.filter;

/** A filter expression that means nothing: where, why, and what to write instead. */
final class FilterSyntaxException extends RuntimeException {

  private static final long serialVersionUID = 1L;
  private static final int SHOWN_LENGTH = 40;

  private final int at;
  private final String remedy;

  /**
   * A complaint.
   *
   * @param at position in the expression, from 0
   * @param problem half a sentence: what is wrong
   * @param remedy a sentence: what to write
   */
  FilterSyntaxException(int at, String problem, String remedy) {
    super(problem, null, false, false);
    this.at = at;
    this.remedy = remedy;
  }

  int at() {
    return at;
  }

  String remedy() {
    return remedy;
  }

  /** A text of the user's, short enough for a message. */
  static String shortened(String text) {
    return text.length() <= SHOWN_LENGTH ? text : text.substring(0, SHOWN_LENGTH) + "...";
  }
}
