package io.escrowmq.broker.filter;

import java.util.List;
import java.util.Set;

/**
 * The tree of a filter expression. Immutable. The kinds of nodes are those of Apache RocketMQ's
 * grammar (module {@code filter}, {@code SelectorParser.jj}), so that both give every message the
 * same verdict.
 */
sealed interface Expression {

  /** An expression that is true or false. */
  sealed interface Condition extends Expression {}

  /**
   * A property of the message; always text.
   *
   * @param slot its number among the properties that the whole expression names
   */
  record Property(String name, int slot) implements Expression {}

  /** A text, as written or as a message has it. */
  record Text(String value) implements Expression, Value {}

  /**
   * A whole number.
   *
   * @param wide true if it does not fit 32 bits: text that is compared with it may then need 64
   * @param signed true if a minus stands before it
   */
  record Whole(long value, boolean wide, boolean signed) implements Expression, Value {}

  /**
   * A number with a fraction or an exponent.
   *
   * @param signed true if a minus stands before it
   */
  record Real(double value, boolean signed) implements Expression, Value {}

  /** A minus before anything but a number: has no value. */
  record Negation(Expression of) implements Expression {}

  /** The words TRUE, FALSE and NULL. */
  record Truth(Verdict verdict) implements Condition {}

  /** A property where a condition should be: text is not true. */
  record Flag(Property property) implements Condition {}

  /** NOT. */
  record Not(Condition condition) implements Condition {}

  /** Conditions joined by AND. */
  record And(List<Condition> conditions) implements Condition {}

  /** Conditions joined by OR. */
  record Or(List<Condition> conditions) implements Condition {}

  /** The operator {@code =}. */
  record Equal(Expression left, Expression right) implements Condition {}

  /** IS NULL. */
  record Missing(Expression of) implements Condition {}

  /** One of {@code < <= > >=}. */
  record Ordered(Expression left, Order order, Expression right) implements Condition {}

  /** IN and NOT IN. */
  record OneOf(Property property, Set<String> texts, boolean negated) implements Condition {}

  /** CONTAINS, STARTSWITH, ENDSWITH, with or without NOT. */
  record Part(Expression of, Place place, String text, boolean negated) implements Condition {}

  /** How two numbers may stand to each other. */
  enum Order {
    LESS("<"),
    LESS_OR_EQUAL("<="),
    GREATER(">"),
    GREATER_OR_EQUAL(">=");

    private final String symbol;

    Order(String symbol) {
      this.symbol = symbol;
    }

    String symbol() {
      return symbol;
    }

    /** True if a comparison with this sign is what the operator asks for. */
    boolean holds(int sign) {
      return switch (this) {
        case LESS -> sign < 0;
        case LESS_OR_EQUAL -> sign <= 0;
        case GREATER -> sign > 0;
        case GREATER_OR_EQUAL -> sign >= 0;
      };
    }
  }

  /** Where a text must be found in another. */
  enum Place {
    ANYWHERE,
    START,
    END;

    boolean holds(String text, String part) {
      return switch (this) {
        case ANYWHERE -> text.contains(part);
        case START -> text.startsWith(part);
        case END -> text.endsWith(part);
      };
    }
  }
}
