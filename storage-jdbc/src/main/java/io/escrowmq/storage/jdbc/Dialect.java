package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Mishap;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What differs between databases. Thread-safe; keeps nothing of a store. */
sealed interface Dialect permits PostgresDialect, MariaDbDialect, H2Dialect {

  /** The folder of this vendor's migrations, also its name for people. */
  String vendor();

  /** The vendor's word for this server's connections: time-outs and names. */
  Properties properties(JdbcOptions options, String role);

  /** The URL as the vendor's driver takes it. */
  default String url(JdbcOptions options) {
    return options.url();
  }

  /** A hold id as a parameter of a statement. */
  default Object id(UUID id) {
    return id;
  }

  /** The condition that a column has one of some values, which {@link #setOneOf} sets. */
  default String isOneOf(String column, Object[] values) {
    return column + " = any(?)";
  }

  /** Sets the values of {@link #isOneOf}; its parameter is the one with this index. */
  default void setOneOf(PreparedStatement statement, int index, ColumnType type, Object[] values)
      throws SQLException {
    statement.setArray(index, statement.getConnection().createArrayOf(type.postgres(), values));
  }

  /** Executes the statement for every row; the number of rows it changed. */
  int execute(Connection connection, Bulk bulk, List<@Nullable Object[]> rows) throws SQLException;

  /** Why this server cannot be used, if it is another product or too old. */
  default Optional<String> unfit(Connection connection) throws SQLException {
    return Optional.empty();
  }

  /** What every connection runs once when it is fresh; empty for nothing. */
  default String sessionSql() {
    return "";
  }

  /** Prepares a fresh connection of the writer. */
  void prepareWriter(Connection connection) throws SQLException;

  /**
   * Takes the store for this connection, or finds out who has it. An engine that the database
   * cannot tell about (embedded) relies on the lock file alone.
   *
   * @return true if this connection now owns the store
   */
  boolean own(Connection connection) throws SQLException;

  /**
   * Ends the connection of another server that has the store, so that its locks and its unfinished
   * work go. Only for whoever was given the store by a lease.
   */
  void evict(Connection connection) throws SQLException;

  /** How applications leave messages in such a database. */
  default IntakeDialect intake() {
    return new IntakeDialect.Plain();
  }

  /** True if messages are kept in partitions, which the server may make and drop. */
  default boolean partitions() {
    return false;
  }

  /** True if several servers may share a database, one schema for each part. */
  boolean shareable();

  /** An expression for the database's clock, milliseconds since the epoch. */
  String clockMs();

  /** True if a lock file in the data directory has to keep other servers away. */
  boolean embedded();

  /** Begins a transaction whose commit need not reach the disk. */
  void relax(Connection connection) throws SQLException;

  /** After a commit, makes it as durable as asked if the commit alone did not. */
  void harden(Connection connection, boolean durable) throws SQLException;

  /**
   * What a commit survives, by the settings of the database.
   *
   * @param durable whether the commit has to reach the disk, or is relaxed
   */
  Set<Mishap> survives(Connection writer, boolean durable) throws SQLException;

  /** Why the database does not keep what it commits, if so. */
  Optional<String> durabilityWarning(Connection connection) throws SQLException;

  /** The dialect for a JDBC URL. */
  static Dialect of(String url) {
    if (url.startsWith("jdbc:postgresql:")) {
      return new PostgresDialect();
    }
    if (url.startsWith("jdbc:mariadb:") || url.startsWith("jdbc:mysql:")) {
      return new MariaDbDialect();
    }
    if (url.startsWith("jdbc:h2:")) {
      return new H2Dialect();
    }
    throw new IllegalArgumentException(
        "no dialect for "
            + url.replaceAll("[?;].*", "")
            + ": the jdbc engine runs on jdbc:postgresql:, jdbc:mariadb: and jdbc:h2:");
  }
}
