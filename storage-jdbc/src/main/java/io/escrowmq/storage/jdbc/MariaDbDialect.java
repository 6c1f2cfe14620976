package io.escrowmq.storage.jdbc;

import static java.util.Objects.requireNonNull;

import io.escrowmq.spi.storage.Mishap;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB 10.6 and later, InnoDB. Rows travel in the driver's bulk command (one prepared statement,
 * the parameters of all rows in one packet), which took half the time of multi-row inserts here.
 * What that command does not take are statements of literals.
 */
final class MariaDbDialect implements Dialect {

  /**
   * {@code sha1} keeps the name below the 64 characters that a lock's name may have. It waits a
   * second, because a session that was killed keeps its locks a moment longer than its connection.
   */
  private static final String LOCK =
      "select get_lock(concat('escrowmq-', sha1(coalesce(database(), ''))), 1)";

  private static final String SQL_MODE =
      "sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'";

  /** Every literal is written by {@link #literal}; a table row's key decides which row is put. */
  private static final String PUT_ROW =
      "replace into mq_row (table_name, row_key, row_value, version) values (?, ?, ?, ?)";

  private static final String EACH_HOLD = "straight_join mq_hold h on h.hold_id = a3";
  private static final Pattern MYSQL = Pattern.compile("^jdbc:mysql:");

  /** Values of {@code innodb_doublewrite} that leave a half written page as it is. */
  private static final Set<String> TORN_PAGES = Set.of("OFF", "0", "DETECT_ONLY");

  private static final int LEAST_PACKET_BYTES = 8 << 20;
  private static final int LEAST_VERSION = 1006;
  private static final int PACKET_SLACK_BYTES = 4096;
  private static final int VALUE_BYTES = 10;
  private static final int MOST_PARAMETERS = 256;
  private static final int ROWS_OF_LITERALS = 1000;

  /** The smallest value that a server accepts, until one was asked. */
  private volatile int packetBytes = 1024;

  @Override
  public String vendor() {
    return "mariadb";
  }

  /** The driver answers to MySQL's prefix only if the URL permits it; the server is the same. */
  @Override
  public String url(JdbcOptions options) {
    return MYSQL.matcher(options.url()).replaceFirst("jdbc:mariadb:");
  }

  @Override
  public Properties properties(JdbcOptions options, String role) {
    Properties properties = new Properties();
    if (!options.username().isEmpty()) {
      properties.setProperty("user", options.username());
      properties.setProperty("password", options.password());
    }
    properties.setProperty("connectionAttributes", "program_name:escrowmq-" + role);
    properties.setProperty("connectTimeout", "3000");
    properties.setProperty("socketTimeout", "20000");
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("useServerPrepStmts", "true");
    properties.setProperty("useBulkStmts", "true");
    // Row counts are those of the rows that were found, as elsewhere, changed or not.
    properties.setProperty("useAffectedRows", "false");
    properties.setProperty("allowLocalInfile", "false");
    // A server that cuts values short instead of refusing them would lose data.
    properties.setProperty("sessionVariables", SQL_MODE);
    return properties;
  }

  @Override
  public Object id(UUID id) {
    return Ids.bytes(id);
  }

  /** Short lists in few lengths, so that the driver has their statements prepared already. */
  @Override
  public String isOneOf(String column, Object[] values) {
    StringJoiner list = new StringJoiner(",", column + " in (", ")");
    if (values.length <= MOST_PARAMETERS) {
      for (int i = 0; i < parameters(values); i++) {
        list.add("?");
      }
      return list.toString();
    }
    for (Object value : values) {
      list.add(literal(value));
    }
    return list.toString();
  }

  @Override
  public void setOneOf(PreparedStatement statement, int index, ColumnType type, Object[] values)
      throws SQLException {
    if (values.length <= MOST_PARAMETERS) {
      for (int i = 0; i < parameters(values); i++) {
        Object value = values[Math.min(i, values.length - 1)];
        set(statement, index + i, type, value);
      }
    }
  }

  /** The next power of two; the last value is repeated up to there. */
  private static int parameters(Object[] values) {
    return values.length <= 1 ? values.length : Integer.highestOneBit(values.length - 1) * 2;
  }

  @Override
  public int execute(Connection connection, Bulk bulk, List<@Nullable Object[]> rows)
      throws SQLException {
    if (bulk.equals(Bulk.RELEASE)) {
      return executeLiterals(connection, bulk, rows);
    }
    String sql = bulk.equals(Bulk.PUT_ROW) ? PUT_ROW : bulk.byRow();
    int changed = 0;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      long bytes = 0;
      int waiting = 0;
      for (@Nullable Object[] row : rows) {
        int rowBytes = bytes(row);
        if (rowBytes > packetBytes - PACKET_SLACK_BYTES) {
          throw new SQLDataException(
              "a row of "
                  + rowBytes
                  + " bytes is more than the database takes in a packet; set max_allowed_packet (now "
                  + packetBytes
                  + ") to 64M there",
              "22001");
        }
        if (waiting > 0 && bytes + rowBytes > packetBytes / 2) {
          changed += send(statement);
          bytes = 0;
          waiting = 0;
        }
        set(statement, bulk.types(), row);
        statement.addBatch();
        bytes += rowBytes;
        waiting++;
      }
      return changed + send(statement);
    }
  }

  @Override
  public Optional<String> unfit(Connection connection) throws SQLException {
    DatabaseMetaData server = connection.getMetaData();
    String found = server.getDatabaseProductName() + " " + server.getDatabaseProductVersion();
    boolean recent =
        server.getDatabaseMajorVersion() * 100 + server.getDatabaseMinorVersion() >= LEAST_VERSION;
    return server.getDatabaseProductName().equals("MariaDB") && recent
        ? Optional.empty()
        : Optional.of("the database is " + found + "; this dialect needs MariaDB 10.6 or later");
  }

  @Override
  public void prepareWriter(Connection connection) throws SQLException {
    connection.setAutoCommit(true);
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    try (Statement statement = connection.createStatement()) {
      packetBytes = (int) Math.min(number(statement, "max_allowed_packet"), 1 << 30);
      // A server that was stopped in the middle of a write must not block others for ever, and one
      // whose machine is gone must not keep the store.
      statement.execute(
          "set idle_transaction_timeout = 15, innodb_lock_wait_timeout = 10, lock_wait_timeout = 10,"
              + " wait_timeout = 180");
      // Long lists of ids stay index look-ups.
      statement.execute("set in_predicate_conversion_threshold = 0");
    }
  }

  @Override
  public boolean own(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(LOCK)) {
      return answer.next() && answer.getInt(1) == 1;
    }
  }

  @Override
  public void evict(Connection connection) {
    throw new UnsupportedOperationException("no part of a MariaDB is leased");
  }

  /** A schema is a database here, and sessions are bound to theirs in another way. */
  @Override
  public boolean shareable() {
    return false;
  }

  @Override
  public String clockMs() {
    throw new UnsupportedOperationException("no part of a MariaDB is leased");
  }

  @Override
  public boolean embedded() {
    return false;
  }

  @Override
  public void relax(Connection connection) {
    // The database has no such commit for one transaction alone.
  }

  @Override
  public void harden(Connection connection, boolean durable) {
    // A commit is as durable as the database is configured.
  }

  /** The server forgets what it has not flushed; whether replicas have it is not promised. */
  @Override
  public Set<Mishap> survives(Connection writer, boolean durable) throws SQLException {
    try (Statement statement = writer.createStatement()) {
      return lossy(statement).isEmpty()
          ? Set.of(Mishap.SERVER_KILL, Mishap.POWER_CUT)
          : Set.of(Mishap.SERVER_KILL);
    }
  }

  /** Why a power cut can lose what the database committed, if so. */
  private static Optional<String> lossy(Statement statement) throws SQLException {
    long flush = number(statement, "innodb_flush_log_at_trx_commit");
    if (flush != 1 && flush != 3) {
      return Optional.of(
          "the database runs with innodb_flush_log_at_trx_commit = "
              + flush
              + ": a power cut can lose what it committed (set global"
              + " innodb_flush_log_at_trx_commit = 1)");
    }
    if (number(statement, "log_bin") == 1 && number(statement, "sync_binlog") != 1) {
      return Optional.of(
          "the database writes a binary log with sync_binlog other than 1: a power cut can lose"
              + " what it committed (set global sync_binlog = 1)");
    }
    String twice = text(statement, "innodb_doublewrite");
    if (tearsPages(twice)) {
      return Optional.of(
          "the database runs with innodb_doublewrite = "
              + twice
              + ": a power cut can tear a page that it cannot mend (set innodb_doublewrite = on in"
              + " its configuration)");
    }
    return Optional.empty();
  }

  @Override
  public Optional<String> durabilityWarning(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      Optional<String> lossy = lossy(statement);
      if (lossy.isPresent()) {
        return lossy;
      }
      if (packetBytes < LEAST_PACKET_BYTES) {
        return Optional.of(
            "the database runs with max_allowed_packet = "
                + packetBytes
                + ": larger messages are refused (set global max_allowed_packet = 67108864)");
      }
      return Optional.empty();
    }
  }

  /** Statements that join their rows with a table, which the bulk command does not take. */
  private static int executeLiterals(
      Connection connection, Bulk bulk, List<@Nullable Object[]> rows) throws SQLException {
    int changed = 0;
    try (Statement statement = connection.createStatement()) {
      for (int from = 0; from < rows.size(); from += ROWS_OF_LITERALS) {
        int to = Math.min(from + ROWS_OF_LITERALS, rows.size());
        String table = literals(bulk.types(), rows.subList(from, to));
        // The few given rows first, whatever the database guesses about them.
        String sql = String.format(bulk.fromArrays().replace(Bulk.EACH_HOLD, EACH_HOLD), table);
        changed += statement.executeUpdate(sql);
      }
    }
    return changed;
  }

  /** The rows as a table of columns a0, a1, ... The first, empty part names and types them. */
  private static String literals(List<ColumnType> types, List<@Nullable Object[]> rows) {
    StringJoiner names =
        new StringJoiner(", ", "(select ", " from dual where 1 = 0 union all values ");
    for (int i = 0; i < types.size(); i++) {
      names.add((types.get(i) == ColumnType.UUID ? "x''" : "0") + " as a" + i);
    }
    StringJoiner values = new StringJoiner(",", names.toString(), ") v");
    for (@Nullable Object[] row : rows) {
      StringJoiner one = new StringJoiner(",", "(", ")");
      for (@Nullable Object value : row) {
        one.add(literal(value));
      }
      values.add(one.toString());
    }
    return values.toString();
  }

  private static String literal(@Nullable Object value) {
    return switch (value) {
      case Integer number -> number.toString();
      case Long number -> number.toString();
      case byte[] bytes -> "x'" + HexFormat.of().formatHex(bytes) + "'";
      case UUID id -> "x'" + HexFormat.of().formatHex(Ids.bytes(id)) + "'";
      case null, default -> throw new IllegalStateException("no literal for " + value);
    };
  }

  /** Sends what was added; the number of rows it changed, whether told per row or in total. */
  private static int send(PreparedStatement statement) throws SQLException {
    int changed = 0;
    boolean counted = true;
    for (int count : statement.executeBatch()) {
      counted &= count >= 0;
      changed += count;
    }
    if (counted) {
      return changed;
    }
    changed = 0;
    int count = statement.getUpdateCount();
    while (count >= 0) {
      changed += count;
      statement.getMoreResults();
      count = statement.getUpdateCount();
    }
    return changed;
  }

  /** Also sets what is null with its type: the bulk command ends where a column's type changes. */
  private static void set(
      PreparedStatement statement, List<ColumnType> types, @Nullable Object[] row)
      throws SQLException {
    for (int column = 0; column < row.length; column++) {
      set(statement, column + 1, types.get(column), row[column]);
    }
  }

  private static void set(
      PreparedStatement statement, int index, ColumnType type, @Nullable Object value)
      throws SQLException {
    switch (type) {
      case TEXT -> statement.setString(index, (String) value);
      case BYTES -> statement.setBytes(index, (byte[]) value);
      case UUID -> statement.setBytes(index, Ids.bytes((UUID) requireNonNull(value)));
      case INT -> statement.setInt(index, (Integer) requireNonNull(value));
      case LONG -> statement.setLong(index, (Long) requireNonNull(value));
    }
  }

  /** What a row takes in a packet at most. */
  private static int bytes(@Nullable Object[] row) {
    int bytes = VALUE_BYTES * row.length;
    for (@Nullable Object value : row) {
      bytes +=
          switch (value) {
            case byte[] array -> array.length;
            case String text -> 3 * text.length();
            case null, default -> VALUE_BYTES;
          };
    }
    return bytes;
  }

  /** True if a page that was half written when the power went stays so. */
  static boolean tearsPages(String doubleWrite) {
    return TORN_PAGES.contains(doubleWrite.toUpperCase(Locale.ROOT));
  }

  private static long number(Statement statement, String variable) throws SQLException {
    try (ResultSet answer = statement.executeQuery("select @@" + variable)) {
      return answer.next() ? answer.getLong(1) : 0;
    }
  }

  private static String text(Statement statement, String variable) throws SQLException {
    try (ResultSet answer = statement.executeQuery("select @@" + variable)) {
      String value = answer.next() ? answer.getString(1) : null;
      return value == null ? "" : value;
    }
  }
}
