package io.escrowmq.crash.bank;

import io.escrowmq.crash.bank.Fault.Sort;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a campaign does.
 *
 * @param faults kills and pauses from outside, besides the halts of services at their fault points;
 *     and more, until there were as many kills and halts together
 * @param sorts of the faults
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
    Set<Sort> sorts,
    int instances,
    int haltEvery,
    int liesPercent,
    int slownessMs,
    Sabotage sabotage,
    Duration patience) {

  private static final Set<Sort> KILLS_AND_PAUSES = Set.of(Sort.KILL, Sort.PAUSE);
  private static final int LIES_PERCENT = 15;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** Dense enough for a test that everybody runs: only kills, and services halt often. */
  static BankPlan quick(long seed, int faults) {
    return new BankPlan(
        seed, faults, Set.of(Sort.KILL), 1, 400, LIES_PERCENT, 0, Sabotage.NONE, PATIENCE);
  }

  /** Several instances of each service: who is asked is not who sent. */
  static BankPlan wide(long seed, int faults) {
    return new BankPlan(
        seed, faults, KILLS_AND_PAUSES, 2, 150, LIES_PERCENT, 0, Sabotage.NONE, PATIENCE);
  }

  /** The same while the network between them and the server is spoilt. */
  static BankPlan rough(long seed, int faults) {
    return new BankPlan(
        seed, faults, Set.of(Sort.values()), 2, 150, LIES_PERCENT, 0, Sabotage.NONE, PATIENCE);
  }

  /** One that must find something, so that it need not wait long for rest. */
  static BankPlan sabotaged(long seed, int faults, Sabotage sabotage, int slownessMs) {
    return new BankPlan(
        seed,
        faults,
        KILLS_AND_PAUSES,
        1,
        1500,
        LIES_PERCENT,
        slownessMs,
        sabotage,
        Duration.ofSeconds(20));
  }

  /** In the order of {@link Fault}, so that the seed alone decides what comes when. */
  List<Fault> kinds() {
    return sorts.stream().flatMap(it -> Fault.kinds(it).stream()).sorted().toList();
  }
}
