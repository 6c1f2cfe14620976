package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import java.time.Duration;

/**
 * When a message wants to be delivered (source: Apache RocketMQ 5.x; a delay level rules out the
 * timer properties, of those TIMER_DELAY_SEC comes first, then TIMER_DELAY_MS, then
 * TIMER_DELIVER_MS).
 */
final class DeliveryTimes {

  /** Deliver at once. */
  static final long NOW = 0;

  private static final long MS_PER_SECOND = 1000;

  private final DelayLevels levels;
  private final Duration maxDelay;

  DeliveryTimes(DelayLevels levels, Duration maxDelay) {
    this.levels = levels;
    this.maxDelay = maxDelay;
  }

  /** Milliseconds since the epoch, later than now; or {@link #NOW}. */
  long of(PropertyScan scan, long nowMs) {
    long level = scan.delayLevel == null ? 0 : number("DELAY", scan.delayLevel);
    if (level > 0) {
      return ofLevel((int) Math.min(level, Integer.MAX_VALUE), nowMs);
    }
    if (scan.delaySeconds != null) {
      long seconds = number("TIMER_DELAY_SEC", scan.delaySeconds);
      return later(nowMs, Math.min(seconds, Long.MAX_VALUE / MS_PER_SECOND) * MS_PER_SECOND);
    }
    if (scan.delayMs != null) {
      return later(nowMs, number("TIMER_DELAY_MS", scan.delayMs));
    }
    if (scan.deliverAtMs != null) {
      long atMs = number("TIMER_DELIVER_MS", scan.deliverAtMs);
      return atMs <= nowMs ? NOW : later(nowMs, atMs - nowMs);
    }
    return NOW;
  }

  /** The time that belongs to a level, or {@link #NOW}. */
  long ofLevel(int level, long nowMs) {
    long delayMs = levels.delayMs(level);
    return delayMs == 0 ? NOW : nowMs + delayMs;
  }

  private long later(long nowMs, long delayMs) {
    if (delayMs <= 0) {
      return NOW;
    }
    if (delayMs > maxDelay.toMillis()) {
      throw new BrokerException(
          ErrorCode.MESSAGE_ILLEGAL,
          "a delay of " + delayMs + " ms is too long, the limit is " + maxDelay.toMillis() + " ms",
          "Use a shorter delay.");
    }
    return nowMs + delayMs;
  }

  private static long number(String name, String value) {
    try {
      return Long.parseLong(value.strip());
    } catch (NumberFormatException e) {
      throw new BrokerException(
          ErrorCode.MESSAGE_ILLEGAL,
          "the property " + name + " is not a number: '" + value + "'",
          "Give a whole number.",
          e);
    }
  }
}
