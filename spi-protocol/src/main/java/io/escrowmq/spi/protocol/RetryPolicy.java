package io.escrowmq.spi.protocol;

import java.util.List;
import java.util.OptionalLong;

/**
 * How long a message that a group's consumer gave back waits for its next attempt, where the
 * consumer does not say (source of the rules: {@code groupRetryPolicy} of Apache RocketMQ 5.x).
 */
public sealed interface RetryPolicy {

  /** What a group has unless it says otherwise. */
  RetryPolicy LEVELS = new Levels();

  /**
   * The delay in milliseconds before the next attempt; empty if the broker's delay levels tell it.
   *
   * @param attempts attempts so far beyond the first, 0 or more
   */
  OptionalLong delayMs(int attempts);

  /** By the broker's delay levels. */
  record Levels() implements RetryPolicy {
    @Override
    public OptionalLong delayMs(int attempts) {
      return OptionalLong.empty();
    }
  }

  /**
   * Longer each time.
   *
   * @param initialMs before the second attempt, 1 or more
   * @param maxMs never longer, at least the initial delay
   * @param multiplier each delay is so many times the one before, 1 or more
   */
  record Exponential(long initialMs, long maxMs, long multiplier) implements RetryPolicy {
    @Override
    public OptionalLong delayMs(int attempts) {
      long delayMs = initialMs;
      for (int i = 0; i < attempts && delayMs < maxMs && multiplier > 1; i++) {
        delayMs = delayMs > maxMs / multiplier ? maxMs : delayMs * multiplier;
      }
      return OptionalLong.of(Math.min(maxMs, delayMs));
    }
  }

  /**
   * As listed. The list is in the place of the delay levels, so the first attempt after a failure
   * waits as its third entry says; where the list ends, its last entry counts.
   *
   * @param delaysMs at least one, each 0 or more
   */
  record Customized(List<Long> delaysMs) implements RetryPolicy {

    /** RocketMQ's retries begin at the third delay level. */
    private static final int FIRST = 2;

    public Customized {
      delaysMs = List.copyOf(delaysMs);
    }

    @Override
    public OptionalLong delayMs(int attempts) {
      int last = delaysMs.size() - 1;
      return OptionalLong.of(delaysMs.get((int) Math.min(last, (long) FIRST + attempts)));
    }
  }
}
