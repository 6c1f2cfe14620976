package io.escrowmq.storage.jdbc.journal;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks the journal table of a business database what became of a local transaction. The table has a
 * row {@code (key, 'C')} for each one that was committed, written by the transaction itself as its
 * last statement. The check inserts {@code (key, 'R')} unless there is a row, and reads what is
 * there: the unique key makes it wait for a transaction in flight, and makes one that comes too
 * late fail. Needs the rights to insert into this table and to read it, no others. PostgreSQL,
 * MariaDB, H2. Blocks; thread-safe.
 */
public final class JournalCheck implements AutoCloseable {

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}(\\.[A-Za-z_][A-Za-z0-9_]{0,62})?");
  private static final int CONNECTIONS = 4;
  private static final long CONNECT_MS = 3_000;
  private static final int STATEMENT_SECONDS = 3;
  private static final String INTEGRITY = "23";
  private static final String COMMITTED = "C";
  private static final String ROLLED_BACK = "R";

  private final HikariDataSource database;
  private final String insert;
  private final String select;

  /**
   * A check; connects only when it is asked.
   *
   * @throws IllegalArgumentException if a name of the place is no plain name
   */
  public JournalCheck(Place place) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(place.url());
    config.setUsername(place.username());
    config.setPassword(place.password());
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(CONNECT_MS);
    config.setInitializationFailTimeout(-1);
    config.setAutoCommit(true);
    // Under repeatable read MariaDB deadlocks here, and a row that is waited for stays unseen.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setPoolName("journal-check");
    this.database = new HikariDataSource(config);
    // Without this PostgreSQL would log an error for every transaction that is committed.
    String quietly =
        place.url().startsWith("jdbc:postgresql:")
            ? " on conflict (" + place.keyColumn() + ") do nothing"
            : "";
    this.insert =
        "insert into %s (%s, %s) values (?, '%s')%s"
            .formatted(place.table(), place.keyColumn(), place.stateColumn(), ROLLED_BACK, quietly);
    this.select =
        "select %s from %s where %s = ?"
            .formatted(place.stateColumn(), place.table(), place.keyColumn());
  }

  /**
   * Where the journal is.
   *
   * @param table its name, with a schema if need be; letters, digits and {@code _}
   * @param keyColumn its primary key
   * @param stateColumn {@code C} or {@code R}
   */
  public record Place(
      String url,
      @Nullable String username,
      @Nullable String password,
      String table,
      String keyColumn,
      String stateColumn) {
    public Place {
      requireName("table", table);
      requireName("key column", keyColumn);
      requireName("state column", stateColumn);
    }

    private static void requireName(String what, String name) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException("the " + what + " of a journal is a name, not " + name);
      }
    }
  }

  /** What the journal says, from now on for good. */
  public enum Verdict {
    COMMITTED,
    ROLLED_BACK
  }

  /**
   * Settles what the journal says about the key.
   *
   * @return empty if it cannot say now: a local transaction holds the row, or somebody removed it
   * @throws SQLException if the database does not answer or refuses
   */
  public Optional<Verdict> settle(String key) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return tombstone(connection, key) ? Optional.of(Verdict.ROLLED_BACK) : read(connection, key);
    } catch (SQLException e) {
      if (isBusy(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    database.close();
  }

  /** True if the tombstone is there now because of this call. */
  private boolean tombstone(Connection connection, String key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setQueryTimeout(STATEMENT_SECONDS);
      statement.setString(1, key);
      return statement.executeUpdate() == 1;
    } catch (SQLException e) {
      if (String.valueOf(e.getSQLState()).startsWith(INTEGRITY)) {
        // The row exists; if something else is wrong with the insert, there will be nothing to
        // read, which decides nothing.
        return false;
      }
      throw e;
    }
  }

  private Optional<Verdict> read(Connection connection, String key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      statement.setQueryTimeout(STATEMENT_SECONDS);
      statement.setString(1, key);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        String state = String.valueOf(row.getString(1)).strip();
        return switch (state) {
          case COMMITTED -> Optional.of(Verdict.COMMITTED);
          case ROLLED_BACK -> Optional.of(Verdict.ROLLED_BACK);
          default -> throw new SQLException("the journal row of " + key + " says " + state);
        };
      }
    }
  }

  /** A local transaction in flight, a deadlock, a statement that took too long. */
  private static boolean isBusy(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("40") // serialization failure, deadlock
        || state.equals("57014") // PostgreSQL, H2: cancelled after its time
        || state.equals("55P03") // PostgreSQL: lock not available
        || state.equals("HYT00") // H2: lock time-out
        || state.equals("70100") // MariaDB: interrupted after its time
        || e.getErrorCode() == 1205 // MariaDB: lock wait time-out
        || e instanceof java.sql.SQLTimeoutException;
  }
}
