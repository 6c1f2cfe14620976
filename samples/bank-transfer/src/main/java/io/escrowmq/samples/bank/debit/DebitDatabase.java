package io.escrowmq.samples.bank.debit;

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
 * Accounts of the debit side and the transfers taken from them. One method is one database
 * transaction. Safe for use by many threads.
 */
public final class DebitDatabase {
  /** The business rule of this bank: no single transfer above this amount, in cents. */
  public static final long TRANSFER_LIMIT_CENTS = 1_000_00;

  private static final String[] DDL = {
    """
    CREATE TABLE IF NOT EXISTS account (
      id            INT    PRIMARY KEY,
      balance_cents BIGINT NOT NULL CHECK (balance_cents >= 0)
    )\
    """,
    """
    CREATE TABLE IF NOT EXISTS transfer (
      transfer_id  VARCHAR(64) PRIMARY KEY,
      from_account INT         NOT NULL,
      amount_cents BIGINT      NOT NULL,
      debited_at   TIMESTAMP   NOT NULL
    )\
    """,
    TransactionJournal.DDL
  };

  private final DataSource dataSource;
  private final Clock clock;
  private final TransactionJournal journal;

  public DebitDatabase(DataSource dataSource, Clock clock) {
    this.dataSource = dataSource;
    this.clock = clock;
    this.journal = new TransactionJournal(dataSource, clock);
  }

  TransactionJournal journal() {
    return journal;
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
   * The local transaction: takes the money, remembers the transfer, and as its last statement
   * writes the journal row that a check-back will look for.
   *
   * @param txId id of the transactional message this debit belongs to
   * @throws SQLException when the database failed; the outcome is then unknown, and only the
   *     journal can tell
   */
  DebitResult debit(Transfer transfer, String txId) throws SQLException {
    if (transfer.amountCents() > TRANSFER_LIMIT_CENTS) {
      return DebitResult.REFUSED;
    }
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      DebitResult result;
      try {
        result = debit(connection, transfer, txId);
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
      if (result == DebitResult.DEBITED) {
        connection.commit();
      } else {
        connection.rollback();
      }
      return result;
    }
  }

  private DebitResult debit(Connection connection, Transfer transfer, String txId)
      throws SQLException {
    if (!remember(connection, transfer)) {
      return DebitResult.ALREADY_DEBITED;
    }
    if (!take(connection, transfer)) {
      return DebitResult.REFUSED;
    }
    return journal.recordCommit(connection, txId, transfer.id())
        ? DebitResult.DEBITED
        : DebitResult.FENCED;
  }

  private boolean remember(Connection connection, Transfer transfer) throws SQLException {
    String sql =
        "INSERT INTO transfer (transfer_id, from_account, amount_cents, debited_at) VALUES (?, ?, ?, ?)";
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      insert.setString(1, transfer.id());
      insert.setInt(2, transfer.fromAccount());
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

  private static boolean take(Connection connection, Transfer transfer) throws SQLException {
    String sql =
        "UPDATE account SET balance_cents = balance_cents - ? WHERE id = ? AND balance_cents >= ?";
    try (PreparedStatement update = connection.prepareStatement(sql)) {
      update.setLong(1, transfer.amountCents());
      update.setInt(2, transfer.fromAccount());
      update.setLong(3, transfer.amountCents());
      return update.executeUpdate() == 1;
    }
  }
}
