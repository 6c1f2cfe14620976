package io.escrowmq.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What {@link RawDatabase} says to each vendor: the fastest way to the same rows. */
sealed interface RawVendor {

  /** The vendor of a JDBC URL. */
  static RawVendor of(String url) {
    return url.startsWith("jdbc:mariadb:") ? new MariaDb() : new Postgres();
  }

  /** The URL with what the insert needs. */
  String url(String given);

  /** The vendor's name of int, long, name, text or bytes. */
  String type(String type);

  /** The indexes of {@code raw_message} besides its primary key, and how it keeps bodies. */
  void addIndexes(Statement statement) throws SQLException;

  /** Inserts rows into {@code raw_message}; values are given column by column. */
  void insert(Connection connection, String[] types, Object[][] columns) throws SQLException;

  /** Drops every table of the schema. */
  void dropAll(Statement statement) throws SQLException;

  /** Brings the tables into order, outside a transaction. */
  void vacuum(Statement statement) throws SQLException;

  /** Name, version and the settings that decide what a commit costs. */
  String version(Statement statement) throws SQLException;

  private static String one(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  /** PostgreSQL: an insert from arrays, one for each column. */
  record Postgres() implements RawVendor {

    @Override
    public String url(String given) {
      return given;
    }

    @Override
    public String type(String type) {
      return switch (type) {
        case "int" -> "int4";
        case "long" -> "int8";
        case "bytes" -> "bytea";
        default -> "text";
      };
    }

    @Override
    public void addIndexes(Statement statement) throws SQLException {
      statement.execute("create unique index raw_message_position on raw_message (position)");
      statement.execute("alter table raw_message alter column body set storage external");
    }

    @Override
    public void insert(Connection connection, String[] types, Object[][] columns)
        throws SQLException {
      StringBuilder sql = new StringBuilder("insert into raw_message select * from unnest(");
      for (int i = 0; i < types.length; i++) {
        sql.append(i == 0 ? "?::" : ", ?::").append(type(types[i])).append("[]");
      }
      try (PreparedStatement statement = connection.prepareStatement(sql.append(')').toString())) {
        for (int i = 0; i < types.length; i++) {
          statement.setArray(i + 1, connection.createArrayOf(type(types[i]), columns[i]));
        }
        statement.executeUpdate();
      }
    }

    @Override
    public void dropAll(Statement statement) throws SQLException {
      statement.execute(
          "do $$ begin execute (select string_agg('drop table ' || quote_ident(tablename)"
              + " || ' cascade', ';') from pg_tables where schemaname = current_schema()); end $$");
    }

    @Override
    public void vacuum(Statement statement) throws SQLException {
      statement.execute("vacuum analyze");
    }

    @Override
    public String version(Statement statement) throws SQLException {
      return "PostgreSQL "
          + one(statement, "show server_version")
          + ", fsync "
          + one(statement, "show fsync")
          + ", synchronous_commit "
          + one(statement, "show synchronous_commit")
          + ", shared_buffers "
          + one(statement, "show shared_buffers");
    }
  }

  /** MariaDB: the driver's bulk command, faster than statements of many rows. */
  record MariaDb() implements RawVendor {

    @Override
    public String url(String given) {
      return given
          + (given.contains("?") ? "&" : "?")
          + "useBulkStmts=true&useServerPrepStmts=true";
    }

    @Override
    public String type(String type) {
      return switch (type) {
        case "int" -> "int";
        case "long" -> "bigint";
        case "bytes" -> "longblob";
        case "name" -> "varchar(64)";
        default -> "mediumtext";
      };
    }

    @Override
    public void addIndexes(Statement statement) throws SQLException {
      statement.execute(
          "create index raw_message_position on raw_message (position, store_ms, size_bytes)");
    }

    @Override
    public void insert(Connection connection, String[] types, Object[][] columns)
        throws SQLException {
      String marks = String.join(", ", Collections.nCopies(types.length, "?"));
      try (PreparedStatement statement =
          connection.prepareStatement("insert into raw_message values (" + marks + ")")) {
        for (int row = 0; row < columns[0].length; row++) {
          for (int i = 0; i < types.length; i++) {
            statement.setObject(i + 1, columns[i][row]);
          }
          statement.addBatch();
        }
        statement.executeBatch();
      }
    }

    @Override
    public void dropAll(Statement statement) throws SQLException {
      List<String> tables = new ArrayList<>();
      try (ResultSet row =
          statement.executeQuery("show full tables where table_type = 'BASE TABLE'")) {
        while (row.next()) {
          tables.add(row.getString(1));
        }
      }
      statement.execute("drop view if exists mq_messages");
      for (String table : tables) {
        statement.execute("drop table `" + table + "`");
      }
    }

    @Override
    public void vacuum(Statement statement) throws SQLException {
      statement.execute("analyze table raw_message, mq_message");
    }

    @Override
    public String version(Statement statement) throws SQLException {
      return "MariaDB "
          + one(statement, "select version()")
          + ", innodb_flush_log_at_trx_commit "
          + one(statement, "select @@innodb_flush_log_at_trx_commit")
          + ", innodb_buffer_pool_size "
          + one(statement, "select @@innodb_buffer_pool_size");
    }
  }
}
