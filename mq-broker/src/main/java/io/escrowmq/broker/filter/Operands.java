package io.escrowmq.broker.filter;

import io.escrowmq.broker.filter.Expression.Condition;
import io.escrowmq.broker.filter.Expression.Flag;
import io.escrowmq.broker.filter.Expression.Negation;
import io.escrowmq.broker.filter.Expression.Property;
import io.escrowmq.broker.filter.Expression.Real;
import io.escrowmq.broker.filter.Expression.Text;
import io.escrowmq.broker.filter.Expression.Truth;
import io.escrowmq.broker.filter.Expression.Whole;

/**
 * What may stand beside an operator, decided before any message is seen (source of the rules:
 * Apache RocketMQ 5.x, {@code filter/.../ComparisonExpression} and {@code ConstantExpression}).
 */
final class Operands {

  private Operands() {}

  /** The expression as a condition. */
  static Condition condition(Expression expression, int at) {
    return switch (expression) {
      case Condition condition -> condition;
      case Property property -> new Flag(property);
      case Text _, Whole _, Real _, Negation _ ->
          throw new FilterSyntaxException(
              at,
              "a condition is needed here, and this is only a value",
              "Compare it with something, for example a = 5.");
    };
  }

  /** Refuses what is beside {@code =} or {@code <>} without sense. */
  static void checkEqual(Expression operand, int at) {
    if (operand instanceof Truth truth && truth.verdict() == Verdict.UNKNOWN) {
      throw new FilterSyntaxException(at, "nothing equals NULL", "Write IS NULL or IS NOT NULL.");
    }
  }

  /** Refuses comparing TRUE or FALSE with another constant. */
  static void checkComparable(Expression left, Expression right, int at) {
    boolean constant =
        switch (right) {
          case Text _ -> true;
          case Whole whole -> !whole.signed();
          case Real real -> !real.signed();
          case Property _, Negation _, Condition _ -> false;
        };
    if (left instanceof Truth && constant) {
      throw new FilterSyntaxException(
          at, "TRUE and FALSE equal no number and no text", "Compare a property with them.");
    }
  }

  /** Refuses what has no order. */
  static void checkOrdered(Expression operand, String operator, int at) {
    switch (operand) {
      case Text text ->
          throw new FilterSyntaxException(
              at,
              operator
                  + " and its like compare numbers, not the text '"
                  + FilterSyntaxException.shortened(text.value())
                  + "'",
              "Leave out the quotes, or compare with =, <> or IN.");
      case Condition _ ->
          throw new FilterSyntaxException(
              at,
              operator + " and its like compare numbers, not a condition",
              "NOT and a comparison before it bind tighter: add parentheses, for example"
                  + " NOT (a > 5).");
      case Property _, Whole _, Real _, Negation _ -> {
        // Numbers, or what may be one.
      }
    }
  }

  /** Refuses BETWEEN with constants that leave no room. */
  static void checkBounds(Expression low, Expression high, int at) {
    if (isUnsigned(low) && isUnsigned(high) && Numbers.compare((Value) high, (Value) low) < 0) {
      throw new FilterSyntaxException(
          at, "the first bound is above the second", "Write BETWEEN 1 AND 5, not 5 AND 1.");
    }
  }

  /** A whole number: 32 bits if it fits, else 64. */
  static Whole whole(Token token) {
    try {
      long value = Long.parseLong(token.text());
      return new Whole(value, value > Integer.MAX_VALUE, false);
    } catch (NumberFormatException e) {
      throw new FilterSyntaxException(
          token.at(),
          "the number " + token.shown() + " is above " + Long.MAX_VALUE,
          "Write a smaller one, or one with a fraction or an exponent.");
    }
  }

  /** A number with a fraction or an exponent. */
  static Real real(Token token) {
    double value = Double.parseDouble(token.text());
    if (Double.isInfinite(value)) {
      throw new FilterSyntaxException(
          token.at(),
          "the number " + token.shown() + " is above " + Double.MAX_VALUE,
          "Write a smaller one.");
    }
    if (value == 0 && hasDigitAboveZero(token.text())) {
      throw new FilterSyntaxException(
          token.at(),
          "the number " + token.shown() + " is below " + Double.MIN_VALUE,
          "Write a larger one, or 0.");
    }
    return new Real(value, false);
  }

  private static boolean hasDigitAboveZero(String number) {
    for (int i = 0; i < number.length() && Character.toLowerCase(number.charAt(i)) != 'e'; i++) {
      if (number.charAt(i) >= '1' && number.charAt(i) <= '9') {
        return true;
      }
    }
    return false;
  }

  private static boolean isUnsigned(Expression bound) {
    return switch (bound) {
      case Whole whole -> !whole.signed();
      case Real real -> !real.signed();
      default -> false;
    };
  }
}
