package io.escrowmq.crash.bank;

import io.escrowmq.crash.bank.BankVerdict.Violation;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came of a campaign.
 *
 * @param faults how often each kind of fault was done
 * @param halts services that ended at a fault point, by point
 */
record BankReport(
    String title,
    long seed,
    Map<String, Integer> faults,
    Map<String, Integer> halts,
    Auditor auditor,
    Evidence evidence,
    List<Violation> violations) {

  private static final int MOST_SHOWN = 10;

  /** Number of violations by invariant. */
  Map<String, Integer> table() {
    Map<String, Integer> table = new TreeMap<>();
    for (String name : List.of("money", "I1", "I2", "I3", "I4", "I6", "I8", "I14", "I15")) {
      table.put(name, 0);
    }
    violations.forEach(it -> table.merge(it.invariant(), 1, Integer::sum));
    return table;
  }

  /** Kills from outside and halts at fault points together. */
  int ends() {
    return faults.values().stream().mapToInt(it -> it).sum()
        + halts.values().stream().mapToInt(it -> it).sum();
  }

  void print() {
    long rolledBack = evidence.journal().stream().filter(it -> it.state().equals("R")).count();
    long lies = evidence.lies().stream().map(Evidence.LieReply::txId).distinct().count();
    System.out.printf(
        "bank campaign, %s, seed %d: faults %s; halts %s%n", title, seed, faults, halts);
    System.out.printf(
        "bank campaign: %d transfers, %d tombstones, %d lies; %d messages visible; %d looks of the"
            + " auditor, %d more interrupted by faults; up to %d transfers in flight%n",
        evidence.debits().size(),
        rolledBack,
        lies,
        evidence.visible().size(),
        auditor.looks(),
        auditor.interrupted(),
        auditor.mostInFlight());
    System.out.printf("bank campaign: violations %s; seed %d%n", table(), seed);
    violations.stream().limit(MOST_SHOWN).forEach(it -> System.out.println("  " + it));
    violations.stream()
        .limit(1)
        .forEach(it -> {
          System.out.println("history of the first, " + it.about() + ":");
          evidence.history(it.about()).forEach(line -> System.out.println("  " + line));
        });
  }
}
