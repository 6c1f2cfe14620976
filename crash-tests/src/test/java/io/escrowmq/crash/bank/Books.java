package io.escrowmq.crash.bank;

import io.escrowmq.crash.bank.BranchSettings.Side;
import io.escrowmq.crash.bank.Evidence.JournalRow;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the two databases say; each method reads one snapshot of both. One thread. */
final class Books {

  private final String url;

  Books(String url) {
    this.url = url + "&socketTimeout=30";
  }

  /** A debit without a credit. */
  record InFlight(String transferId, String txId, long cents) {}

  /** Balances and what is between them. */
  record Look(long balanceCents, List<InFlight> inFlight) {

    long totalCents() {
      return balanceCents + inFlight.stream().mapToLong(InFlight::cents).sum();
    }
  }

  /** Everything in the tables. */
  record Tables(
      long balanceCents,
      Map<String, Long> debits,
      Map<String, Long> credits,
      List<JournalRow> journal) {}

  private interface Reading<T> {
    T read(Connection snapshot) throws SQLException;
  }

  Look look() throws SQLException {
    return inSnapshot(snapshot -> {
      List<InFlight> inFlight = new ArrayList<>();
      for (Side side : Side.values()) {
        String sql =
            """
            select t.transfer_id, coalesce(max(j.tx_id), ''), t.amount_cents
            from %1$s.transfer t left join %1$s.escrow_tx j
              on j.transfer_id = t.transfer_id and j.state = 'C'
            where not exists (select 1 from %2$s.inbox i where i.transfer_id = t.transfer_id)
            group by t.transfer_id, t.amount_cents\
            """
                .formatted(side.schema(), side.other().schema());
        try (PreparedStatement select = snapshot.prepareStatement(sql);
            ResultSet row = select.executeQuery()) {
          while (row.next()) {
            inFlight.add(new InFlight(row.getString(1), row.getString(2), row.getLong(3)));
          }
        }
      }
      return new Look(balance(snapshot), inFlight);
    });
  }

  /** Those of the transactions that the journals call committed. */
  Set<String> committed(Set<String> txIds) throws SQLException {
    return inSnapshot(snapshot -> {
      Set<String> found = new HashSet<>();
      for (Side side : Side.values()) {
        String sql =
            "select tx_id from "
                + side.schema()
                + ".escrow_tx where state = 'C' and tx_id = any(?)";
        try (PreparedStatement select = snapshot.prepareStatement(sql)) {
          select.setArray(1, snapshot.createArrayOf("text", txIds.toArray()));
          try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
              found.add(row.getString(1));
            }
          }
        }
      }
      return found;
    });
  }

  Tables tables() throws SQLException {
    return inSnapshot(snapshot -> {
      Map<String, Long> debits = new TreeMap<>();
      Map<String, Long> credits = new TreeMap<>();
      List<JournalRow> journal = new ArrayList<>();
      for (Side side : Side.values()) {
        read(
            snapshot,
            side,
            "select transfer_id, amount_cents from %s.transfer",
            row -> debits.put(row.getString(1), row.getLong(2)));
        read(
            snapshot,
            side,
            "select transfer_id, amount_cents from %s.inbox",
            row -> credits.put(row.getString(1), row.getLong(2)));
        read(
            snapshot,
            side,
            "select tx_id, state, transfer_id from %s.escrow_tx",
            row ->
                journal.add(new JournalRow(row.getString(1), row.getString(2), row.getString(3))));
      }
      return new Tables(balance(snapshot), debits, credits, journal);
    });
  }

  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  private static void read(Connection snapshot, Side side, String sql, RowReader reader)
      throws SQLException {
    try (PreparedStatement select = snapshot.prepareStatement(sql.formatted(side.schema()));
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        reader.read(row);
      }
    }
  }

  private static long balance(Connection snapshot) throws SQLException {
    long[] cents = {0};
    for (Side side : Side.values()) {
      read(
          snapshot,
          side,
          "select sum(balance_cents) from %s.account",
          row -> cents[0] += row.getLong(1));
    }
    return cents[0];
  }

  private <T> T inSnapshot(Reading<T> reading) throws SQLException {
    try (Connection snapshot = DriverManager.getConnection(url)) {
      snapshot.setAutoCommit(false);
      snapshot.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      T result = reading.read(snapshot);
      snapshot.rollback();
      return result;
    }
  }
}
