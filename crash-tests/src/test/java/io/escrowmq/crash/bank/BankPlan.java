package io.escrowmq.crash.bank;

import java.time.Duration;

/**
 * What a campaign does.
 *
 * @param faults kills and pauses from outside, besides the halts of services at their fault points;
 *     and more, until there were as many kills and halts together
 * @param pauses whether some of the faults are pauses
 * @param instances services of each kind on each side
 * @param haltEvery fault points that a service passes on average before it halts at one; 0 for no
 *     halts
 * @param liesPercent share of transactions that send both decisions
 * @param slownessMs how long half of the local transactions wait before their first statement
 * @param patience how long everything may take to come to rest
 */
record BankPlan(
    long seed,
    int faults,
    boolean pauses,
    int instances,
    int haltEvery,
    int liesPercent,
    int slownessMs,
    Sabotage sabotage,
    Duration patience) {

  private static final int LIES_PERCENT = 15;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** Dense enough for a test that everybody runs: only kills, and services halt often. */
  static BankPlan quick(long seed, int faults) {
    return new BankPlan(seed, faults, false, 1, 400, LIES_PERCENT, 0, Sabotage.NONE, PATIENCE);
  }

  /** Several instances of each service: who is asked is not who sent. */
  static BankPlan wide(long seed, int faults) {
    return new BankPlan(seed, faults, true, 2, 150, LIES_PERCENT, 0, Sabotage.NONE, PATIENCE);
  }

  /** One that must find something, so that it need not wait long for rest. */
  static BankPlan sabotaged(long seed, int faults, Sabotage sabotage, int slownessMs) {
    return new BankPlan(
        seed, faults, true, 1, 1500, LIES_PERCENT, slownessMs, sabotage, Duration.ofSeconds(20));
  }
}
