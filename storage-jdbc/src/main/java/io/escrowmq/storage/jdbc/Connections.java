package io.escrowmq.storage.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;

/**
 * Opens connections outside the pool.
 *
 * @param options where to
 * @param dialect with which manners
 * @param shard the part of a shared database that they work on; empty for a store of one server
 */
record Connections(JdbcOptions options, Dialect dialect, Optional<Shard> shard) {

  /** A connection of its own for a role, which the database shows to its administrator. */
  Connection open(String role) throws SQLException {
    return open(dialect.properties(options, role));
  }

  /** The same, but an embedded database that is not there is not created. */
  Connection openExisting(String role) throws SQLException {
    Properties properties = dialect.properties(options, role);
    if (dialect.embedded()) {
      properties.setProperty("IFEXISTS", "TRUE");
    }
    return open(properties);
  }

  private Connection open(Properties properties) throws SQLException {
    Connection connection = DriverManager.getConnection(dialect.url(options), properties);
    if (shard.isPresent()) {
      try {
        connection.setSchema(shard.get().schema());
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    }
    return connection;
  }
}
