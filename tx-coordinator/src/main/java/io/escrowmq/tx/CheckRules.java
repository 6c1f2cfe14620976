package io.escrowmq.tx;

import java.time.Duration;

/**
 * When and how often producers are asked about one transaction, and what becomes of it if nobody
 * ever decides.
 *
 * @param first from the half message to the first question, unless the message says otherwise
 * @param interval from the first question to the second
 * @param backoffPercent each further interval in percent of the one before, {@link #NO_BACKOFF} to
 *     1000
 * @param maxInterval no interval is longer, unless {@code interval} is
 * @param jitterPercent each interval is longer or shorter by up to so much, 0 to 50
 * @param limit questions that reached a producer before it is given up; 0 for no limit
 * @param maxAge age at which it is given up
 * @param onGiveUp what giving up means
 */
public record CheckRules(
    Duration first,
    Duration interval,
    int backoffPercent,
    Duration maxInterval,
    int jitterPercent,
    int limit,
    Duration maxAge,
    OnGiveUp onGiveUp) {

  /** Every interval is as long as the first. */
  public static final int NO_BACKOFF = 100;

  private static final int MAX_BACKOFF = 1000;
  private static final int MAX_JITTER = 50;
  private static final double PERCENT = 100;
  private static final Duration LONGEST = Duration.ofDays(3650);

  /** RocketMQ's times: 6 s, then every 30 s, 15 times, at most 72 h; but the end is parking. */
  public static final CheckRules DEFAULT =
      new CheckRules(
          Duration.ofSeconds(6),
          Duration.ofSeconds(30),
          NO_BACKOFF,
          Duration.ofMinutes(5),
          0,
          15,
          Duration.ofDays(3),
          OnGiveUp.PARK);

  /** Without back-off and jitter, and with parking at the end. */
  public static CheckRules regular(Duration first, Duration interval, int limit, Duration maxAge) {
    return new CheckRules(first, interval, NO_BACKOFF, interval, 0, limit, maxAge, OnGiveUp.PARK);
  }

  /** What becomes of a transaction that nobody decides. */
  public enum OnGiveUp {
    /** It stays held and decidable; somebody has to look. */
    PARK,
    /**
     * It is rolled back. Unsafe: if the local transaction was committed and no answer came through,
     * its message is lost.
     */
    ROLLBACK
  }

  public CheckRules {
    requireDuration("first", first, true);
    requireDuration("interval", interval, false);
    requireDuration("maxInterval", maxInterval, false);
    // Zero is allowed here: it gives up at the first look, which tests use.
    requireDuration("maxAge", maxAge, true);
    requireRange("backoffPercent", backoffPercent, NO_BACKOFF, MAX_BACKOFF);
    requireRange("jitterPercent", jitterPercent, 0, MAX_JITTER);
    requireRange("limit", limit, 0, Integer.MAX_VALUE);
  }

  /**
   * From one question to the next.
   *
   * @param attempts questions that reached a producer, this one included; at least 1
   * @param seed spreads the jitter: the same seed and attempt give the same delay
   */
  long delayAfterMs(int attempts, long seed) {
    double factor = Math.pow(backoffPercent / PERCENT, Math.max(0, attempts - 1));
    long capMs = Math.max(interval.toMillis(), maxInterval.toMillis());
    double delayMs = Math.min((double) capMs, (double) interval.toMillis() * factor);
    double share = jitterPercent / PERCENT * unit(seed + attempts);
    return Math.max(1, Math.round(delayMs * (1 + share)));
  }

  /** A number from -1 to 1 that looks random (the finalizer of SplitMix64). */
  private static double unit(long seed) {
    long z = seed * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return (z >> 11) * 0x1.0p-52;
  }

  static void requireDuration(String name, Duration value, boolean zero) {
    if (value.isNegative() || (!zero && value.isZero()) || value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name + " must be " + (zero ? "0" : "above 0") + " to " + LONGEST + ": " + value);
    }
  }

  static void requireRange(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + " is " + min + " to " + max + ", not " + value);
    }
  }
}
