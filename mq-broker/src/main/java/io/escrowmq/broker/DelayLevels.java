package io.escrowmq.broker;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The numbered delays of RocketMQ clients (source: {@code messageDelayLevel} of Apache RocketMQ
 * 4.x/5.x). Level 0 and below means no delay; levels above the last count as the last.
 */
final class DelayLevels {

  /** The levels that every client knows. */
  static final String DEFAULT_TEXT = "1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h";

  /** A message given back for the n-th time waits level 2 + n. */
  static final int RETRY_BASE = 3;

  private final long[] delaysMs;

  DelayLevels(List<Duration> delays) {
    this.delaysMs = delays.stream().mapToLong(Duration::toMillis).toArray();
  }

  /** Blank-separated numbers with the unit s, m, h or d. */
  static List<Duration> parse(String text) {
    return Arrays.stream(text.split(" ", -1)).map(DelayLevels::parseOne).toList();
  }

  /** The delay of a level in milliseconds; 0 for no delay. */
  long delayMs(int level) {
    if (level <= 0 || delaysMs.length == 0) {
      return 0;
    }
    return delaysMs[Math.min(level, delaysMs.length) - 1];
  }

  private static Duration parseOne(String word) {
    int unitAt = word.length() - 1;
    long count = Long.parseLong(word.substring(0, unitAt));
    return switch (word.charAt(unitAt)) {
      case 's' -> Duration.ofSeconds(count);
      case 'm' -> Duration.ofMinutes(count);
      case 'h' -> Duration.ofHours(count);
      case 'd' -> Duration.ofDays(count);
      default ->
          throw new IllegalArgumentException("a delay ends with s, m, h or d, not as in " + word);
    };
  }
}
