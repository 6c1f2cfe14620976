package io.escrowmq.storage.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/**
 * Rows of an intake table that go in the same transaction in which their messages come.
 *
 * @param table its name as it stands in statements
 * @param ids of committed rows
 */
record TakenRows(String table, List<Long> ids) {

  TakenRows {
    ids = List.copyOf(ids);
  }

  /**
   * Removes the rows.
   *
   * @throws SQLException that the work is {@link SqlFailure#REFUSED}, if one is gone or locked: the
   *     writer waits for nobody's lock
   */
  void take(Connection connection) throws SQLException {
    String sql =
        "with free as (select id from "
            + table
            + " where id = any(?) for update skip locked) delete from "
            + table
            + " as taken using free where taken.id = free.id";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(
          1, connection.createArrayOf(ColumnType.LONG.postgres(), ids.toArray(Long[]::new)));
      int taken = statement.executeUpdate();
      if (taken != ids.size()) {
        throw new SQLException(
            ids.size() - taken + " of " + ids.size() + " rows of " + table + " are gone or locked");
      }
    }
  }
}
