package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.TimeSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections outside the pool.
 *
 * @param options where to
 * @param dialect with which manners
 * @param shard the part of a shared database that they work on; empty for a store of one server
 */
record Connections(JdbcOptions options, Dialect dialect, Optional<Shard> shard) {

  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /**
   * Waits for a database that refuses connections or is slow to take them, as one does that starts
   * together with this server, as long as for another server to give the store up.
   *
   * @throws SQLException the last one if it took too long, or what waiting does not change
   */
  void awaitDatabase(TimeSource time) throws SQLException {
    long deadline = time.nanos() + TimeUnit.MILLISECONDS.toNanos(options.ownTimeoutMs());
    for (boolean first = true; ; first = false) {
      try {
        open("schema").close();
        return;
      } catch (SQLException e) {
        if (SqlFailure.of(e) != SqlFailure.LOST || time.nanos() - deadline > 0) {
          throw e;
        }
        if (first) {
          LOG.warn(
              "the database does not take connections yet, trying on for {} s: {}",
              TimeUnit.MILLISECONDS.toSeconds(options.ownTimeoutMs()),
              SqlFailure.firstLine(e));
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

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
    try {
      if (shard.isPresent()) {
        connection.setSchema(shard.get().schema());
      }
      if (!dialect.sessionSql().isEmpty()) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(dialect.sessionSql());
        }
      }
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }
}
