package io.escrowmq.samples.bank;

import java.util.Locale;

/** Writes amounts. */
final class Money {
  private Money() {}

  /** An amount in cents as text with two decimals. */
  static String text(long cents) {
    return String.format(
        Locale.ROOT,
        "%s%,d.%02d",
        cents < 0 ? "-" : "",
        Math.abs(cents / 100),
        Math.abs(cents % 100));
  }
}
