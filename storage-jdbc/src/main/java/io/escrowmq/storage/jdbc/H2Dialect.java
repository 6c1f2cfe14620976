package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Mishap;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * H2 2.x, for development. Its commit only reaches its own memory; a checkpoint after each group
 * writes it to the file ({@code written}) or syncs the file as well ({@code durable}).
 */
record H2Dialect() implements Dialect {

  @Override
  public String vendor() {
    return "h2";
  }

  @Override
  public Properties properties(JdbcOptions options, String role) {
    Properties properties = new Properties();
    if (!options.username().isEmpty()) {
      properties.setProperty("user", options.username());
      properties.setProperty("password", options.password());
    } else if (!options.url().toLowerCase(Locale.ROOT).contains(";user=")) {
      properties.setProperty("user", "sa");
      properties.setProperty("password", "");
    }
    // The store closes its connections itself, in the right order.
    properties.setProperty("DB_CLOSE_ON_EXIT", "FALSE");
    return properties;
  }

  @Override
  public int execute(Connection connection, Bulk bulk, List<@Nullable Object[]> rows)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(bulk.byRow())) {
      for (@Nullable Object[] row : rows) {
        for (int column = 0; column < row.length; column++) {
          set(statement, column + 1, row[column], bulk.types().get(column));
        }
        statement.addBatch();
      }
      int changed = 0;
      for (int count : statement.executeBatch()) {
        changed += count;
      }
      return changed;
    }
  }

  @Override
  public void prepareWriter(Connection connection) throws SQLException {
    connection.setAutoCommit(true);
  }

  @Override
  public boolean own(Connection connection) {
    return true;
  }

  @Override
  public void evict(Connection connection) {
    throw new UnsupportedOperationException("an embedded database belongs to one server");
  }

  @Override
  public boolean shareable() {
    return false;
  }

  @Override
  public String clockMs() {
    throw new UnsupportedOperationException("an embedded database belongs to one server");
  }

  @Override
  public boolean embedded() {
    return true;
  }

  @Override
  public void relax(Connection connection) {
    // The difference is made after the commit.
  }

  @Override
  public void harden(Connection connection, boolean durable) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(durable ? "checkpoint sync" : "checkpoint");
    }
  }

  @Override
  public Set<Mishap> survives(Connection writer, boolean durable) throws SQLException {
    if (writer.getMetaData().getURL().startsWith("jdbc:h2:mem:")) {
      return Set.of();
    }
    return durable ? Set.of(Mishap.SERVER_KILL, Mishap.POWER_CUT) : Set.of(Mishap.SERVER_KILL);
  }

  @Override
  public Optional<String> durabilityWarning(Connection connection) {
    return Optional.empty();
  }

  private static void set(
      PreparedStatement statement, int index, @Nullable Object value, ColumnType type)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, type.jdbc());
    } else if (value instanceof byte[] bytes) {
      statement.setBytes(index, bytes);
    } else {
      statement.setObject(index, value);
    }
  }
}
