package io.escrowmq.samples.bank;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The judgement, from the databases alone: every debit has exactly one credit of the same amount
 * and a journal row that says so, there is no credit without a debit, and no money appeared or
 * vanished.
 *
 * @param debits transfers taken on the debit side
 * @param credits transfers received on the credit side
 * @param moneyBeforeCents all the money before the first transfer
 * @param moneyAfterCents all the money now
 * @param findings everything that is wrong, one line each; empty when all is well
 */
record Audit(
    int debits, int credits, long moneyBeforeCents, long moneyAfterCents, List<String> findings) {
  private static final int MAX_FINDINGS = 10;

  /** Reads both databases. */
  static Audit of(DataSource debitSide, DataSource creditSide, long moneyBeforeCents)
      throws SQLException {
    Map<String, Long> debits = amounts(debitSide, "SELECT transfer_id, amount_cents FROM transfer");
    Map<String, Long> credits = amounts(creditSide, "SELECT transfer_id, amount_cents FROM inbox");
    Map<String, Long> journal =
        amounts(
            debitSide,
            "SELECT transfer_id, COUNT(*) FROM escrow_tx WHERE state = 'C' GROUP BY transfer_id");
    List<String> findings = new ArrayList<>();
    debits.forEach(
        (id, cents) -> judgeDebit(id, cents, credits.get(id), journal.get(id), findings));
    credits.forEach((id, cents) -> {
      if (!debits.containsKey(id)) {
        findings.add(id + ": " + Money.text(cents) + " were credited but never debited");
      }
    });
    long after = sum(debitSide) + sum(creditSide);
    if (after != moneyBeforeCents) {
      findings.add(
          "there were " + Money.text(moneyBeforeCents) + " and now there are " + Money.text(after));
    }
    return new Audit(debits.size(), credits.size(), moneyBeforeCents, after, List.copyOf(findings));
  }

  private static void judgeDebit(
      String id,
      Long cents,
      @Nullable Long credited,
      @Nullable Long journalRows,
      List<String> findings) {
    if (credited == null) {
      findings.add(id + ": " + Money.text(cents) + " were debited but never credited");
    } else if (!credited.equals(cents)) {
      findings.add(
          id
              + ": "
              + Money.text(cents)
              + " were debited but "
              + Money.text(credited)
              + " credited");
    }
    if (journalRows == null || journalRows != 1) {
      findings.add(
          id
              + ": debited, with "
              + (journalRows == null ? 0 : journalRows)
              + " journal rows instead of 1");
    }
  }

  /** Whether all is well. */
  boolean conserved() {
    return findings.isEmpty();
  }

  /** The first findings, and how many more there are. */
  List<String> summary() {
    if (findings.size() <= MAX_FINDINGS) {
      return findings;
    }
    List<String> lines = new ArrayList<>(findings.subList(0, MAX_FINDINGS));
    lines.add("and " + (findings.size() - MAX_FINDINGS) + " more");
    return lines;
  }

  private static Map<String, Long> amounts(DataSource source, String sql) throws SQLException {
    Map<String, Long> amounts = new TreeMap<>();
    try (Connection connection = source.getConnection();
        PreparedStatement select = connection.prepareStatement(sql);
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        amounts.put(rows.getString(1), rows.getLong(2));
      }
    }
    return amounts;
  }

  private static long sum(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        PreparedStatement select =
            connection.prepareStatement("SELECT SUM(balance_cents) FROM account");
        ResultSet row = select.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }
}
