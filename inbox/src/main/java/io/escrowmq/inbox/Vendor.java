package io.escrowmq.inbox;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Locale;

/** How databases insert a row unless there is one. */
enum Vendor {
  /** A failed statement would end the whole transaction. */
  POSTGRESQL(" on conflict do nothing", "insert into "),
  MARIADB("", "insert ignore into "),
  OTHER("", "insert into ");

  private final String end;
  private final String begin;

  Vendor(String end, String begin) {
    this.end = end;
    this.begin = begin;
  }

  static Vendor of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT);
    if (product.contains("postgres")) {
      return POSTGRESQL;
    }
    return product.contains("mariadb") || product.contains("mysql") ? MARIADB : OTHER;
  }

  /** False if the row was there; waits for a transaction that has written it and not yet ended. */
  boolean insert(Connection connection, String table, String group, String messageKey, long nowMs)
      throws SQLException {
    String sql =
        begin + table + " (consumer_group, message_key, processed_at_ms) values (?, ?, ?)" + end;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, group);
      statement.setString(2, messageKey);
      statement.setLong(3, nowMs);
      return this == OTHER ? insertOrGoBack(connection, statement) : statement.executeUpdate() == 1;
    }
  }

  private static boolean insertOrGoBack(Connection connection, PreparedStatement statement)
      throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      statement.executeUpdate();
      return true;
    } catch (SQLException e) {
      String state = e.getSQLState();
      if (state == null || !state.startsWith("23")) {
        throw e;
      }
      connection.rollback(before);
      return false;
    }
  }

  /** Removes some rows that are older; how many it was. */
  int clean(Connection connection, String table, long beforeMs, int most) throws SQLException {
    String some =
        switch (this) {
          case MARIADB -> "delete from " + table + " where processed_at_ms < ? limit " + most;
          case POSTGRESQL ->
              "delete from "
                  + table
                  + " where ctid in (select ctid from "
                  + table
                  + " where processed_at_ms < ? limit "
                  + most
                  + ")";
          case OTHER -> "delete from " + table + " where processed_at_ms < ?";
        };
    try (PreparedStatement statement = connection.prepareStatement(some)) {
      statement.setLong(1, beforeMs);
      return statement.executeUpdate();
    }
  }
}
