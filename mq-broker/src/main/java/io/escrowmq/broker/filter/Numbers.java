package io.escrowmq.broker.filter;

import io.escrowmq.broker.filter.Expression.Real;
import io.escrowmq.broker.filter.Expression.Text;
import io.escrowmq.broker.filter.Expression.Whole;

/**
 * Comparing numbers with numbers and with text. As in Apache RocketMQ 5.x ({@code
 * filter/.../ComparisonExpression}) the number says how text is read: beside a whole number of 32
 * bits the text must be one too, beside one of 64 bits likewise, beside any other and beside other
 * text it must be what Java reads as a {@code double}.
 */
final class Numbers {

  /** The result of a comparison that cannot be made. */
  static final int FAILED = Integer.MIN_VALUE;

  private static final int RADIX = 10;

  /** Positive, as nothing that {@link #negative} reads. */
  private static final long NO_NUMBER = 1;

  private Numbers() {}

  /** Below, at or above zero as left is to right, or {@link #FAILED}. Verdicts are no numbers. */
  static int compare(Value left, Value right) {
    return switch (left) {
      case Text text -> compareText(text.value(), right);
      case Whole whole ->
          switch (right) {
            case Whole other -> Long.compare(whole.value(), other.value());
            case Real other -> Double.compare((double) whole.value(), other.value());
            case Text text -> opposite(compareText(text.value(), whole));
            case Verdict _ -> FAILED;
          };
      case Real real ->
          switch (right) {
            case Whole other -> Double.compare(real.value(), (double) other.value());
            case Real other -> Double.compare(real.value(), other.value());
            case Text text -> opposite(compareText(text.value(), real));
            case Verdict _ -> FAILED;
          };
      case Verdict _ -> FAILED;
    };
  }

  private static int compareText(String text, Value right) {
    return switch (right) {
      case Whole whole -> compareWhole(text, whole);
      case Real real -> isReal(text) ? compareReal(text, real.value()) : FAILED;
      case Text other -> compareTexts(text, other.value());
      case Verdict _ -> FAILED;
    };
  }

  private static int opposite(int sign) {
    return sign == FAILED ? FAILED : -sign;
  }

  /** Reads whole numbers as Java's parseInt and parseLong do, without exceptions. */
  private static int compareWhole(String text, Whole whole) {
    boolean minus = text.startsWith("-");
    int start = minus || text.startsWith("+") ? 1 : 0;
    long lowest = whole.wide() ? Long.MIN_VALUE : Integer.MIN_VALUE;
    long value = negative(text, start, minus ? lowest : lowest + 1);
    return value == NO_NUMBER ? FAILED : Long.compare(minus ? value : -value, whole.value());
  }

  /**
   * The digits as a negative number, because there is one more of these than of positive ones; or
   * {@link #NO_NUMBER}.
   */
  private static long negative(String text, int start, long limit) {
    if (start == text.length()) {
      return NO_NUMBER;
    }
    long value = 0;
    for (int i = start; i < text.length(); i++) {
      int digit = Character.digit(text.charAt(i), RADIX);
      if (digit < 0 || value < limit / RADIX || value * RADIX < limit + digit) {
        return NO_NUMBER;
      }
      value = value * RADIX - digit;
    }
    return value;
  }

  private static int compareTexts(String left, String right) {
    if (!isReal(left) || !isReal(right)) {
      return FAILED;
    }
    try {
      return Double.compare(Double.parseDouble(left), Double.parseDouble(right));
    } catch (NumberFormatException e) {
      return FAILED;
    }
  }

  private static int compareReal(String text, double value) {
    try {
      return Double.compare(Double.parseDouble(text), value);
    } catch (NumberFormatException e) {
      return FAILED;
    }
  }

  /** A quick look that spares most words an exception. */
  private static boolean isReal(String text) {
    int at = 0;
    while (at < text.length() && text.charAt(at) <= ' ') {
      at++;
    }
    if (at == text.length()) {
      return false;
    }
    return switch (text.charAt(at)) {
      case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '-', '.' -> true;
      // NaN and Infinity are numbers to Java.
      case 'N', 'I' -> true;
      default -> false;
    };
  }
}
