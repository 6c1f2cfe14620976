package io.escrowmq.broker.filter;

/**
 * What a condition says about a message. Only {@link #TRUE} delivers it.
 *
 * <p>{@link #UNKNOWN} is SQL's third truth value and at the same time the value of everything that
 * is missing. {@link #FAILED} is the end of the evaluation: two values cannot be compared, and
 * whatever else the expression says no longer counts (source: Apache RocketMQ 5.x, where an
 * exception ends the evaluation and the broker keeps the message back).
 */
enum Verdict implements Value {
  TRUE,
  FALSE,
  UNKNOWN,
  FAILED;

  static Verdict of(boolean value) {
    return value ? TRUE : FALSE;
  }

  Verdict negated() {
    return switch (this) {
      case TRUE -> FALSE;
      case FALSE -> TRUE;
      case UNKNOWN, FAILED -> this;
    };
  }
}
