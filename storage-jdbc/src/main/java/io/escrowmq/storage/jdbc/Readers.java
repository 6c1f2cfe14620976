package io.escrowmq.storage.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.StorageException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** A pool of connections for reads. Thread-safe. */
final class Readers implements AutoCloseable {

  private static final long PATIENCE_MS = 3_000;

  private final Connections connections;
  private final Dialect dialect;
  private final HikariDataSource pool;
  private final Semaphore beside;
  private volatile boolean closed;

  Readers(Connections connections) {
    JdbcOptions options = connections.options();
    this.connections = connections;
    this.beside = new Semaphore(options.readerConnections());
    this.dialect = connections.dialect();
    HikariConfig config = new HikariConfig();
    config.setPoolName("escrowmq-readers");
    config.setJdbcUrl(dialect.url(options));
    config.setDataSourceProperties(dialect.properties(options, "reader"));
    config.setMaximumPoolSize(options.readerConnections());
    config.setMinimumIdle(1);
    config.setConnectionTimeout(PATIENCE_MS);
    config.setValidationTimeout(PATIENCE_MS / 2);
    config.setInitializationFailTimeout(-1);
    // Named, because a pool that learns it from its first connection never recovers if the database
    // dies just then.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    if (!dialect.sessionSql().isEmpty()) {
      config.setConnectionInitSql(dialect.sessionSql());
    }
    connections.shard().ifPresent(shard -> config.setSchema(shard.schema()));
    this.pool = new HikariDataSource(config);
  }

  /** A read. */
  @FunctionalInterface
  interface Read<T> {
    T on(Connection connection) throws SQLException;
  }

  /** How one row, or all of them, become a value. */
  @FunctionalInterface
  interface RowMapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  /** Sets the parameters of a statement. */
  @FunctionalInterface
  interface Binding {
    void bind(PreparedStatement statement) throws SQLException;
  }

  /**
   * Runs a read on a connection of the pool.
   *
   * @throws StorageException.Closed if the store was closed
   * @throws StorageException.Unavailable if the database does not answer
   */
  <T> T read(Read<T> read) {
    checkOpen();
    try (Connection connection = pool.getConnection()) {
      return read.on(connection);
    } catch (SQLTransientConnectionException e) {
      return besideThePool(read, e);
    } catch (SQLException e) {
      checkOpen();
      throw SqlFailure.unavailable("the database did not answer a read", e);
    }
  }

  /**
   * Runs a read on a connection of its own if the pool has none at all: after an outage the pool
   * waits longer and longer before it tries again, and the database may be back long since.
   */
  private <T> T besideThePool(Read<T> read, SQLTransientConnectionException why) {
    checkOpen();
    boolean isEmpty = pool.getHikariPoolMXBean().getTotalConnections() == 0;
    if (!isEmpty || !beside.tryAcquire()) {
      throw SqlFailure.unavailable("the database did not answer a read", why);
    }
    try (Connection connection = connections.openExisting("reader")) {
      return read.on(connection);
    } catch (SQLException e) {
      checkOpen();
      throw SqlFailure.unavailable("the database did not answer a read", e);
    } finally {
      beside.release();
    }
  }

  /** The rows of a query, one value each. */
  <T> List<T> list(String sql, Binding binding, RowMapper<T> mapper) {
    return query(
        sql,
        binding,
        row -> {
          List<T> found = new ArrayList<>();
          while (row.next()) {
            found.add(mapper.map(row));
          }
          return found;
        });
  }

  /** What the mapper makes of all rows of a query; it moves to the first one itself. */
  <T> T query(String sql, Binding binding, RowMapper<T> mapper) {
    return read(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        binding.bind(statement);
        try (ResultSet rows = statement.executeQuery()) {
          return mapper.map(rows);
        }
      }
    });
  }

  /** A hold id as a parameter of a query. */
  Object id(HoldId id) {
    return dialect.id(Ids.uuid(id));
  }

  /** Fails if the store was closed. */
  void checkOpen() {
    if (closed) {
      throw new StorageException.Closed();
    }
  }

  @Override
  public void close() {
    closed = true;
    pool.close();
  }
}
