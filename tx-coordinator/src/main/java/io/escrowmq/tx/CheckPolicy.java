package io.escrowmq.tx;

import java.time.Duration;

/**
 * When producers are asked about undecided transactions. The defaults are those of RocketMQ's
 * broker, except that the end is parking and not loss.
 *
 * @param firstDelay from the half message to the first question, unless the message says otherwise
 * @param interval from one question to the next
 * @param maxChecks questions that reached a producer before the transaction is parked; 0 for no
 *     limit
 * @param maxAge age at which an undecided transaction is parked
 * @param groupRatePerSecond questions per second to one producer group
 * @param groupBurst questions to one producer group at once
 * @param ramp time in which a group that came back reaches its full rate
 */
public record CheckPolicy(
    Duration firstDelay,
    Duration interval,
    int maxChecks,
    Duration maxAge,
    int groupRatePerSecond,
    int groupBurst,
    Duration ramp) {

  /** 6 s, then every 30 s, 15 times, at most 72 h; 500 questions per second and group. */
  public static final CheckPolicy DEFAULT =
      new CheckPolicy(
          Duration.ofSeconds(6),
          Duration.ofSeconds(30),
          15,
          Duration.ofDays(3),
          500,
          100,
          Duration.ofSeconds(10));

  public CheckPolicy {
    if (firstDelay.isNegative() || interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException(
          "firstDelay must not be negative and interval must be positive: "
              + firstDelay
              + ", "
              + interval);
    }
    if (maxChecks < 0 || maxAge.isNegative() || ramp.isNegative()) {
      throw new IllegalArgumentException("maxChecks, maxAge and ramp must not be negative");
    }
    if (groupRatePerSecond < 1 || groupBurst < 1) {
      throw new IllegalArgumentException("groupRatePerSecond and groupBurst must be at least 1");
    }
  }
}
