package io.escrowmq.samples.bank.contract;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** The table of accounts, which each service has in its own database. */
public final class Accounts {
  private static final String DDL =
      """
      CREATE TABLE IF NOT EXISTS account (
        id            INT    PRIMARY KEY,
        balance_cents BIGINT NOT NULL CHECK (balance_cents >= 0)
      )\
      """;

  private Accounts() {}

  /**
   * Creates the table, and accounts 0 (inclusive) to {@code accounts} (exclusive) with the same
   * opening balance.
   */
  public static void open(DataSource dataSource, int accounts, long openingBalanceCents)
      throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      try (Statement ddl = connection.createStatement()) {
        ddl.execute(DDL);
      }
      String sql = "INSERT INTO account (id, balance_cents) VALUES (?, ?)";
      try (PreparedStatement insert = connection.prepareStatement(sql)) {
        for (int account = 0; account < accounts; account++) {
          insert.setInt(1, account);
          insert.setLong(2, openingBalanceCents);
          insert.addBatch();
        }
        insert.executeBatch();
      }
    }
  }
}
