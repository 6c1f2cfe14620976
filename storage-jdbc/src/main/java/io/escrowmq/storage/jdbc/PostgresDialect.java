package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Mishap;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL 14 and later. Few rows travel as arrays, one parameter per column; many are copied,
 * which takes a round trip more and half the time for each row.
 */
record PostgresDialect() implements Dialect {

  /** First half of the advisory lock that the owner of a store holds; spells "EMQ1". */
  private static final int LOCK_CLASS = 0x454D5131;

  private static final int LEAST_COPIED_ROWS = 32;

  @Override
  public String vendor() {
    return "postgresql";
  }

  @Override
  public Properties properties(JdbcOptions options, String role) {
    Properties properties = new Properties();
    if (!options.username().isEmpty()) {
      properties.setProperty("user", options.username());
      properties.setProperty("password", options.password());
    }
    properties.setProperty("ApplicationName", "escrowmq-" + role);
    properties.setProperty("connectTimeout", "3");
    properties.setProperty("loginTimeout", "5");
    properties.setProperty("socketTimeout", "20");
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  @Override
  public int execute(Connection connection, Bulk bulk, List<@Nullable Object[]> rows)
      throws SQLException {
    if (bulk.target().isPresent() && rows.size() >= LEAST_COPIED_ROWS) {
      String sql = "copy " + bulk.target().get() + " from stdin (format binary)";
      return CopyRows.execute(connection, sql, rows);
    }
    try (PreparedStatement statement = connection.prepareStatement(sql(bulk))) {
      for (int column = 0; column < bulk.types().size(); column++) {
        @Nullable Object[] values = column(bulk.types().get(column), rows, column);
        Array array = connection.createArrayOf(bulk.types().get(column).postgres(), values);
        statement.setArray(column + 1, array);
      }
      return statement.executeUpdate();
    }
  }

  /**
   * Every query here is meant to go through an index. The planner thinks otherwise of a table whose
   * few live rows it has counted, such as that of the holds, and of a partition that is young: it
   * joins by reading the whole of it, and with it all dead rows that an old snapshot keeps there.
   */
  @Override
  public String sessionSql() {
    return "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off";
  }

  @Override
  public void prepareWriter(Connection connection) throws SQLException {
    connection.setAutoCommit(true);
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    try (Statement statement = connection.createStatement()) {
      // A durable write means durable even where the database's default is not.
      if (show(statement, "synchronous_commit").equals("off")) {
        statement.execute("set synchronous_commit = on");
      }
      // A server that was stopped in the middle of a write must not block others for ever.
      statement.execute("set idle_in_transaction_session_timeout = 15000");
      statement.execute("set lock_timeout = 10000");
      statement.execute("set tcp_keepalives_idle = 5");
      statement.execute("set tcp_keepalives_interval = 2");
      statement.execute("set tcp_keepalives_count = 3");
    }
  }

  @Override
  public boolean own(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_try_advisory_lock(?, hashtext(current_schema()))")) {
      statement.setInt(1, LOCK_CLASS);
      try (ResultSet answer = statement.executeQuery()) {
        return answer.next() && answer.getBoolean(1);
      }
    }
  }

  @Override
  public void evict(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select pg_terminate_backend(pid, 3000) from pg_locks where locktype = 'advisory' and"
                + " classid = ? and objid = (hashtext(current_schema())::bigint & 4294967295)::oid"
                + " and objsubid = 2 and granted and pid <> pg_backend_pid() and database ="
                + " (select oid from pg_database where datname = current_database())")) {
      statement.setInt(1, LOCK_CLASS);
      statement.executeQuery().close();
    }
  }

  @Override
  public IntakeDialect intake() {
    return new IntakeDialect.Postgres();
  }

  @Override
  public boolean partitions() {
    return true;
  }

  @Override
  public boolean shareable() {
    return true;
  }

  @Override
  public String clockMs() {
    return "(extract(epoch from clock_timestamp()) * 1000)::bigint";
  }

  @Override
  public boolean embedded() {
    return false;
  }

  @Override
  public void relax(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local synchronous_commit = off");
    }
  }

  @Override
  public void harden(Connection connection, boolean durable) {
    // A commit is as durable as the transaction asked for.
  }

  /**
   * A relaxed commit is still in the memory of the database. A commit waits for replicas if the
   * database names synchronous ones and the session does not ask for less.
   */
  @Override
  public Set<Mishap> survives(Connection writer, boolean durable) throws SQLException {
    Set<Mishap> mishaps = EnumSet.of(Mishap.SERVER_KILL);
    try (Statement statement = writer.createStatement()) {
      String waitsFor = durable ? show(statement, "synchronous_commit") : "off";
      if (!waitsFor.equals("off")
          && show(statement, "fsync").equals("on")
          && show(statement, "full_page_writes").equals("on")) {
        mishaps.add(Mishap.POWER_CUT);
      }
      if (Set.of("on", "remote_write", "remote_apply").contains(waitsFor)
          && !show(statement, "synchronous_standby_names").isBlank()) {
        mishaps.add(Mishap.NODE_LOSS);
      }
    }
    return Set.copyOf(mishaps);
  }

  @Override
  public Optional<String> durabilityWarning(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String setting : List.of("fsync", "full_page_writes")) {
        if (show(statement, setting).equals("off")) {
          return Optional.of(
              "the database runs with "
                  + setting
                  + " = off: a power cut can lose what it committed");
        }
      }
      return Optional.empty();
    }
  }

  private static String show(Statement statement, String setting) throws SQLException {
    try (ResultSet answer = statement.executeQuery("show " + setting)) {
      return answer.next() ? answer.getString(1) : "";
    }
  }

  private static String sql(Bulk bulk) {
    StringBuilder marks = new StringBuilder("unnest(");
    StringBuilder names = new StringBuilder(") as v(");
    for (int i = 0; i < bulk.types().size(); i++) {
      String comma = i == 0 ? "" : ", ";
      marks.append(comma).append("?::").append(bulk.types().get(i).postgres()).append("[]");
      names.append(comma).append('a').append(i);
    }
    return String.format(bulk.fromArrays(), marks.append(names).append(')'));
  }

  private static @Nullable Object[] column(
      ColumnType type, List<@Nullable Object[]> rows, int column) {
    @Nullable Object[] values =
        switch (type) {
          case INT -> new Integer[rows.size()];
          case LONG -> new Long[rows.size()];
          case TEXT -> new String[rows.size()];
          case BYTES -> new byte[rows.size()][];
          case UUID -> new UUID[rows.size()];
        };
    for (int i = 0; i < values.length; i++) {
      values[i] = rows.get(i)[column];
    }
    return values;
  }
}
