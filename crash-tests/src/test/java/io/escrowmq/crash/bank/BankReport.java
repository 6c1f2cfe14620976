package io.escrowmq.crash.bank;

import io.escrowmq.crash.bank.BankVerdict.Violation;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What came of a campaign.
 *
 * @param faults how often each kind of fault was done
 * @param spoilt how many connections were spoilt
 * @param halts services that ended at a fault point, by point
 */
record BankReport(
    String title,
    long seed,
    Map<Fault, Integer> faults,
    int spoilt,
    Map<String, Integer> halts,
    Auditor auditor,
    Evidence evidence,
    List<Violation> violations) {

  private static final int MOST_SHOWN = 10;

  /** Number of violations by invariant: those about lies, or all others. */
  private Map<String, Integer> table(boolean ofLies) {
    Set<String> lies =
        Stream.concat(
                evidence.lies().stream().map(Evidence.LieReply::txId),
                evidence.visible().stream()
                    .filter(it -> it.topic().equals(BranchSettings.LIES))
                    .map(Evidence.Visible::txId))
            .collect(Collectors.toSet());
    Map<String, Integer> table = new TreeMap<>();
    violations.stream()
        .filter(it -> lies.contains(it.about()) == ofLies)
        .forEach(it -> table.merge(it.invariant(), 1, Integer::sum));
    return table;
  }

  /** SIGKILLs from outside and halts at fault points together; pauses are none. */
  int kills() {
    return kills(faults, halts);
  }

  static int kills(Map<Fault, Integer> faults, Map<String, Integer> halts) {
    return faults.entrySet().stream()
            .filter(it -> it.getKey().isKill())
            .mapToInt(Map.Entry::getValue)
            .sum()
        + halts.values().stream().mapToInt(it -> it).sum();
  }

  void print() {
    long rolledBack = evidence.journal().stream().filter(it -> it.state().equals("R")).count();
    long lies = evidence.lies().stream().map(Evidence.LieReply::txId).distinct().count();
    System.out.printf(
        "bank campaign, %s, seed %d: %d kills; faults %s; %d connections spoilt; halts %s%n",
        title, seed, kills(), faults, spoilt, halts);
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
    System.out.printf(
        "bank campaign: violations by invariant: transfers %s, lies %s; seed %d%n",
        table(false), table(true), seed);
    violations.stream().limit(MOST_SHOWN).forEach(it -> System.out.println("  " + it));
    violations.stream()
        .map(Violation::about)
        .filter(it -> !evidence.history(it).isEmpty())
        .findFirst()
        .ifPresent(it -> {
          System.out.println("history of " + it + ":");
          evidence.history(it).forEach(line -> System.out.println("  " + line));
        });
  }
}
