package io.escrowmq.tx;

import java.time.Duration;

/**
 * When producers are asked about undecided transactions, and how fast. The defaults are those of
 * RocketMQ's broker, except that the end is parking and not loss.
 *
 * @param rules for transactions whose message, topic and group want nothing else
 * @param groupRatePerSecond questions per second to one producer group
 * @param groupBurst questions to one producer group at once
 * @param ramp time in which a group that came back reaches its full rate
 */
public record CheckPolicy(CheckRules rules, int groupRatePerSecond, int groupBurst, Duration ramp) {

  /** The default rules; 500 questions per second and group. */
  public static final CheckPolicy DEFAULT =
      new CheckPolicy(CheckRules.DEFAULT, 500, 100, Duration.ofSeconds(10));

  public CheckPolicy {
    if (ramp.isNegative()) {
      throw new IllegalArgumentException("ramp must not be negative");
    }
    if (groupRatePerSecond < 1 || groupBurst < 1) {
      throw new IllegalArgumentException("groupRatePerSecond and groupBurst must be at least 1");
    }
  }
}
