package io.escrowmq.samples.bank.credit;

import io.escrowmq.samples.bank.contract.Accounts;
import io.escrowmq.samples.bank.contract.DuplicateKey;
import io.escrowmq.samples.bank.contract.Transfer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Clock;
import javax.sql.DataSource;

/**
 * Accounts of the credit side, and the inbox that makes crediting idempotent: the row in the inbox
 * and the new balance are one database transaction. Safe for use by many threads.
 */
public final class CreditDatabase {
  private static final String[] DDL = {
    """
    CREATE TABLE IF NOT EXISTS account (
      id            INT    PRIMARY KEY,
      balance_cents BIGINT NOT NULL CHECK (balance_cents >= 0)
    )\
    """,
    """
    CREATE TABLE IF NOT EXISTS inbox (
      transfer_id  VARCHAR(64) PRIMARY KEY,
      to_account   INT         NOT NULL,
      amount_cents BIGINT      NOT NULL,
      received_at  TIMESTAMP   NOT NULL
    )\
    """
  };

  private final DataSource dataSource;
  private final Clock clock;

  public CreditDatabase(DataSource dataSource, Clock clock) {
    this.dataSource = dataSource;
    this.clock = clock;
  }

  /** Creates the tables and opens the accounts, all with the same balance. */
  public void create(int accounts, long openingBalanceCents) throws SQLException {
    Accounts.open(dataSource, accounts, openingBalanceCents);
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      for (String ddl : DDL) {
        statement.execute(ddl);
      }
    }
  }

  /**
   * Credits a transfer unless it was credited before.
   *
   * @return false if this transfer was credited before: a duplicate, nothing changed
   */
  boolean credit(Transfer transfer) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try {
        boolean fresh = receive(connection, transfer);
        if (fresh) {
          add(connection, transfer);
          connection.commit();
        } else {
          connection.rollback();
        }
        return fresh;
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private boolean receive(Connection connection, Transfer transfer) throws SQLException {
    String sql =
        "INSERT INTO inbox (transfer_id, to_account, amount_cents, received_at) VALUES (?, ?, ?, ?)";
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      insert.setString(1, transfer.id());
      insert.setInt(2, transfer.toAccount());
      insert.setLong(3, transfer.amountCents());
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

  private static void add(Connection connection, Transfer transfer) throws SQLException {
    String sql = "UPDATE account SET balance_cents = balance_cents + ? WHERE id = ?";
    try (PreparedStatement update = connection.prepareStatement(sql)) {
      update.setLong(1, transfer.amountCents());
      update.setInt(2, transfer.toAccount());
      if (update.executeUpdate() != 1) {
        throw new SQLException(
            "there is no account " + transfer.toAccount() + " for transfer " + transfer.id());
      }
    }
  }
}
