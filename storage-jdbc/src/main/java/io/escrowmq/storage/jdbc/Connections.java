package io.escrowmq.storage.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * Opens connections outside the pool.
 *
 * @param options where to
 * @param dialect with which manners
 */
record Connections(JdbcOptions options, Dialect dialect) {

  /** A connection of its own for a role, which the database shows to its administrator. */
  Connection open(String role) throws SQLException {
    return DriverManager.getConnection(dialect.url(options), dialect.properties(options, role));
  }
}
