package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Reads of table rows, all from the database. */
final class JdbcTables implements Tables {

  private final Readers readers;
  private final String select;
  private final String nextName;

  /**
   * The rows of a store.
   *
   * @param rows name of the table that holds them
   */
  JdbcTables(Readers readers, String rows) {
    this.readers = readers;
    this.nextName =
        "select table_name from "
            + rows
            + " where table_name > ? order by table_name fetch first 1 rows only";
    this.select = "select row_key, row_value, version from " + rows + " ";
  }

  @Override
  public Optional<TableRow> get(String table, Bytes key) {
    return readers
        .list(
            select + "where table_name = ? and row_key = ?",
            statement -> {
              statement.setString(1, table);
              statement.setBytes(2, key.toArray());
            },
            JdbcTables::row)
        .stream()
        .findFirst();
  }

  @Override
  public List<TableRow> scan(String table, Bytes prefix, Optional<Bytes> after, int limit) {
    Optional<Bytes> end = successor(prefix);
    return readers.list(
        select
            + "where table_name = ? and row_key >= ? "
            + (after.isEmpty() ? "" : "and row_key > ? ")
            + (end.isEmpty() ? "" : "and row_key < ? ")
            + "order by row_key fetch first ? rows only",
        statement -> {
          int at = 1;
          statement.setString(at++, table);
          statement.setBytes(at++, prefix.toArray());
          if (after.isPresent()) {
            statement.setBytes(at++, after.get().toArray());
          }
          if (end.isPresent()) {
            statement.setBytes(at++, end.get().toArray());
          }
          statement.setInt(at, limit);
        },
        JdbcTables::row);
  }

  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>();
    // One step per table; a "distinct" would read every row.
    List<String> next = nameAfter("");
    while (!next.isEmpty()) {
      names.addAll(next);
      next = nameAfter(next.getFirst());
    }
    Collections.sort(names);
    return names;
  }

  private List<String> nameAfter(String table) {
    return readers.list(
        nextName, statement -> statement.setString(1, table), row -> row.getString("table_name"));
  }

  /** The first key after all that begin with the prefix; empty if there is none. */
  private static Optional<Bytes> successor(Bytes prefix) {
    byte[] bytes = prefix.toArray();
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (bytes[i] != (byte) 0xFF) {
        bytes[i]++;
        return Optional.of(Bytes.wrap(Arrays.copyOf(bytes, i + 1)));
      }
    }
    return Optional.empty();
  }

  private static TableRow row(ResultSet row) throws SQLException {
    return new TableRow(
        Bytes.wrap(row.getBytes("row_key")),
        Bytes.wrap(row.getBytes("row_value")),
        row.getLong("version"));
  }
}
