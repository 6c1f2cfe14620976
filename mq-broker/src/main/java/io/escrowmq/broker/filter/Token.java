package io.escrowmq.broker.filter;

/**
 * A word of a filter expression.
 *
 * @param text as written; for {@link Kind#TEXT} what is meant, without quotes
 * @param at position in the expression, from 0
 */
record Token(Kind kind, String text, int at) {

  /** What a word can be. Those with a name are keywords, in any case. */
  enum Kind {
    AND,
    OR,
    NOT,
    IN,
    IS,
    NULL,
    TRUE,
    FALSE,
    BETWEEN,
    CONTAINS,
    STARTSWITH,
    ENDSWITH,
    NAME,
    TEXT,
    WHOLE,
    REAL,
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL,
    OPEN,
    CLOSE,
    COMMA,
    PLUS,
    MINUS,
    END
  }

  boolean is(Kind wanted) {
    return kind == wanted;
  }

  /** For messages to people. */
  String shown() {
    return switch (kind) {
      case END -> "the end";
      case TEXT -> "'" + FilterSyntaxException.shortened(text) + "'";
      default -> FilterSyntaxException.shortened(text);
    };
  }
}
