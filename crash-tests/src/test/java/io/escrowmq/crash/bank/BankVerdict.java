package io.escrowmq.crash.bank;

import io.escrowmq.crash.bank.Evidence.Decided;
import io.escrowmq.crash.bank.Evidence.JournalRow;
import io.escrowmq.crash.bank.Evidence.LieReply;
import io.escrowmq.crash.bank.Evidence.Visible;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Compares all that is known at rest with what was promised. */
final class BankVerdict {

  private final Evidence evidence;
  private final List<Violation> violations = new ArrayList<>();
  private final Map<String, Integer> copies = new TreeMap<>();
  private final Set<String> committed;

  private BankVerdict(Evidence evidence) {
    this.evidence = evidence;
    evidence.visible().forEach(it -> copies.merge(it.txId(), 1, Integer::sum));
    committed =
        evidence.journal().stream()
            .filter(it -> it.state().equals("C"))
            .map(JournalRow::txId)
            .collect(Collectors.toCollection(HashSet::new));
  }

  /**
   * Something that must not be.
   *
   * @param invariant its name in the documentation, or {@code money}
   * @param about the transfer or transaction
   */
  record Violation(String invariant, String about, String text) {}

  static List<Violation> judge(Evidence evidence) {
    BankVerdict verdict = new BankVerdict(evidence);
    verdict.judgeMoney();
    verdict.judgeTransfers();
    verdict.judgeVisible();
    verdict.judgeTrail();
    verdict.judgeLies();
    evidence.undecided().forEach(it -> verdict.add("I8", it, "undecided although all are asked"));
    return verdict.violations;
  }

  private void add(String invariant, String about, String text) {
    violations.add(new Violation(invariant, about, text));
  }

  private void judgeMoney() {
    if (evidence.balanceCents() != evidence.openingCents()) {
      add(
          "money",
          "all accounts",
          "there were %d cents and now there are %d"
              .formatted(evidence.openingCents(), evidence.balanceCents()));
    }
  }

  /** One debit and one credit of the same amount, or none and none; the journal says the same. */
  private void judgeTransfers() {
    Map<String, Integer> rows = new HashMap<>();
    evidence.journal().stream()
        .filter(it -> it.state().equals("C"))
        .forEach(it -> rows.merge(it.transferId(), 1, Integer::sum));
    evidence
        .debits()
        .forEach((id, cents) -> {
          Long credited = evidence.credits().get(id);
          if (credited == null) {
            add("money", id, cents + " cents were debited and never credited");
          } else if (!credited.equals(cents)) {
            add("money", id, cents + " cents were debited, " + credited + " credited");
          }
          if (rows.getOrDefault(id, 0) != 1) {
            add("I15", id, "debited with " + rows.getOrDefault(id, 0) + " journal rows");
          }
        });
    evidence.credits().keySet().stream()
        .filter(id -> !evidence.debits().containsKey(id))
        .forEach(id -> add("money", id, "credited and never debited"));
    rows.keySet().stream()
        .filter(id -> !evidence.debits().containsKey(id))
        .forEach(id -> add("I15", id, "journal row without a debit"));
  }

  /** Visible once if and only if the local transaction was committed. */
  private void judgeVisible() {
    committed.stream()
        .filter(it -> !copies.containsKey(it))
        .forEach(it -> add("I1", it, "committed and not visible"));
    evidence.visible().stream()
        .filter(it -> !it.topic().equals(BranchSettings.LIES) && !committed.contains(it.txId()))
        .map(Visible::txId)
        .distinct()
        .forEach(it -> add("I6", it, "visible although its local transaction did not commit"));
    copies.forEach((txId, count) -> {
      if (count > 1) {
        add("I2", txId, count + " visible copies");
      }
    });
  }

  /** One record for each transaction, and it says what consumers see. */
  private void judgeTrail() {
    if (evidence.decided().isEmpty()) {
      return;
    }
    Map<String, List<Decided>> byHandle =
        evidence.decided().get().stream().collect(Collectors.groupingBy(Decided::handle));
    Map<String, Integer> commits = new HashMap<>();
    byHandle.forEach((handle, records) -> {
      String txId = records.getFirst().txId();
      if (records.size() != 1) {
        boolean both = records.stream().map(Decided::commit).distinct().count() > 1;
        add(both ? "I3" : "I14", txId, records.size() + " records of decisions");
      }
      if (records.getFirst().commit()) {
        commits.merge(txId, 1, Integer::sum);
      }
    });
    Set<String> all = new HashSet<>(copies.keySet());
    all.addAll(committed);
    all.addAll(commits.keySet());
    all.stream()
        .sorted()
        .forEach(txId -> {
          int seen = copies.containsKey(txId) ? 1 : 0;
          if (commits.getOrDefault(txId, 0) != seen) {
            add(
                seen == 1 ? "I14" : "I1",
                txId,
                commits.getOrDefault(txId, 0) + " records of a commit, visible: " + (seen == 1));
          }
        });
  }

  /** The decision that was acknowledged first is the only one that is ever acknowledged. */
  private void judgeLies() {
    Map<String, List<LieReply>> byTransaction = new TreeMap<>();
    evidence.lies().stream()
        .filter(LieReply::acknowledged)
        .forEach(
            it -> byTransaction.computeIfAbsent(it.txId(), ignored -> new ArrayList<>()).add(it));
    byTransaction.forEach((txId, replies) -> {
      boolean commit = replies.getFirst().commit();
      if (replies.stream().anyMatch(it -> it.commit() != commit)) {
        add("I3", txId, "both decisions were acknowledged");
      }
      if (commit && !copies.containsKey(txId)) {
        add("I4", txId, "its commit was acknowledged, and it is not visible");
      }
      if (!commit && copies.containsKey(txId)) {
        add("I3", txId, "its rollback was acknowledged, and it is visible");
      }
    });
  }
}
