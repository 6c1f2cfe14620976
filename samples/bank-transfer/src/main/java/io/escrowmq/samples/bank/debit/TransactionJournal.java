package io.escrowmq.samples.bank.debit;

import io.escrowmq.samples.bank.contract.DuplicateKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import javax.sql.DataSource;

/**
 * The table {@code escrow_tx}: one row for each transactional message, saying whether its local
 * transaction committed.
 *
 * <p>The server asks ("check-back") when it does not hear the outcome. Answering "rollback" because
 * no row is found would lose money: the local transaction may still be running and commit a moment
 * later. So a check does not only look, it <em>claims</em> the message with a tombstone row {@code
 * 'R'}. The primary key decides the race: either the local transaction wrote {@code 'C'} first and
 * the check sees it (it waits for a transaction in flight), or the tombstone is there first and the
 * local transaction fails on it and rolls back.
 */
public final class TransactionJournal {
  static final String DDL =
      """
      CREATE TABLE IF NOT EXISTS escrow_tx (
        tx_id       VARCHAR(64) PRIMARY KEY,
        state       CHAR(1)     NOT NULL,
        transfer_id VARCHAR(64) NOT NULL,
        created_at  TIMESTAMP   NOT NULL
      )\
      """;

  private final DataSource dataSource;
  private final Clock clock;

  TransactionJournal(DataSource dataSource, Clock clock) {
    this.dataSource = dataSource;
    this.clock = clock;
  }

  /** What the journal says about a message. */
  public enum State {
    COMMITTED,
    ROLLED_BACK
  }

  /**
   * Writes the row {@code 'C'} inside the caller's local transaction, as its last statement.
   *
   * @return false if a check-back was faster and left its tombstone: the caller must roll back
   */
  boolean recordCommit(Connection localTransaction, String txId, String transferId)
      throws SQLException {
    return insert(localTransaction, txId, "C", transferId);
  }

  /**
   * The answer to a check-back, and from now on the only one: writes the tombstone {@code 'R'}
   * unless a row exists, then reads what is there.
   *
   * @throws SQLException when the database cannot answer now (for instance a lock time-out): the
   *     answer is "unknown", ask again
   */
  State settle(String txId, String transferId) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(true);
      insert(connection, txId, "R", transferId);
      return read(connection, txId);
    }
  }

  private boolean insert(Connection connection, String txId, String state, String transferId)
      throws SQLException {
    String sql =
        "INSERT INTO escrow_tx (tx_id, state, transfer_id, created_at) VALUES (?, ?, ?, ?)";
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      insert.setString(1, txId);
      insert.setString(2, state);
      insert.setString(3, transferId);
      insert.setTimestamp(4, Timestamp.from(clock.instant()));
      insert.executeUpdate();
      return true;
    } catch (SQLException e) {
      if (DuplicateKey.isReportedBy(e)) {
        return false;
      }
      throw e;
    }
  }

  private static State read(Connection connection, String txId) throws SQLException {
    String sql = "SELECT state FROM escrow_tx WHERE tx_id = ?";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setString(1, txId);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new SQLException(
              "journal row "
                  + txId
                  + " vanished between insert and read; nothing may delete open rows");
        }
        return "C".equals(row.getString(1)) ? State.COMMITTED : State.ROLLED_BACK;
      }
    }
  }
}
