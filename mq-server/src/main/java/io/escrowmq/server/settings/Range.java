package io.escrowmq.server.settings;

import java.time.Duration;

/** Refuses values outside their range, naming the setting. */
final class Range {

  private static final int MAX_PORT = 65_535;

  private Range() {}

  static void port(String setting, int value) {
    check(setting, value, 0, MAX_PORT);
  }

  static void check(String setting, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "escrowmq." + setting + " is " + min + " to " + max + ", not " + value);
    }
  }

  static void positive(String setting, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("escrowmq." + setting + " must be positive, not " + value);
    }
  }

  static void notNegative(String setting, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(
          "escrowmq." + setting + " must not be negative, not " + value);
    }
  }
}
