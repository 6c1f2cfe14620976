package io.escrowmq.crash.bank;

import java.time.Duration;

/**
 * What a campaign does.
 *
 * @param faults kills and pauses from outside, besides the halts of services at their fault points
 * @param instances services of each kind on each side
 * @param haltEvery fault points that a service passes on average before it halts at one; 0 for no
 *     halts
 * @param liesPercent share of transactions that send both decisions
 * @param slownessMs how long local transactions wait before their first statement
 * @param patience how long everything may take to come to rest
 */
record BankPlan(
    long seed,
    int faults,
    int instances,
    int haltEvery,
    int liesPercent,
    int slownessMs,
    Sabotage sabotage,
    Duration patience) {

  /** The usual one. */
  static BankPlan of(long seed, int faults) {
    return new BankPlan(seed, faults, 1, 1500, 15, 0, Sabotage.NONE, Duration.ofMinutes(2));
  }

  BankPlan sabotagedBy(Sabotage newSabotage, int newSlownessMs) {
    return new BankPlan(
        seed, faults, instances, haltEvery, liesPercent, newSlownessMs, newSabotage, patience);
  }

  BankPlan withInstances(int newInstances) {
    return new BankPlan(
        seed, faults, newInstances, haltEvery, liesPercent, slownessMs, sabotage, patience);
  }

  BankPlan withPatience(Duration newPatience) {
    return new BankPlan(
        seed, faults, instances, haltEvery, liesPercent, slownessMs, sabotage, newPatience);
  }
}
