package io.escrowmq.storage.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The table {@code mq_group}: one row for each committed group, with what was given out last. The
 * newest row counts. A group's row is written in its own transaction, and two writers cannot both
 * write the row of one number: whoever does not know the newest row writes nothing.
 *
 * <p>Rows are added and later deleted, never updated: a row that every commit updates slows down
 * without end while somebody's old snapshot forbids the database to clear away its old versions.
 */
final class GroupLog {

  /** Rows that stay at least. */
  private static final int KEPT = 1_000;

  /** The others go in steps of as many: a large one would hold up the group that takes it. */
  private static final int STEP = 32;

  private static final String READ =
      "select group_no, epoch, last_position, last_version, last_queue_id, store_ms,"
          + " visible_messages, visible_bytes, holds from mq_group order by group_no desc"
          + " fetch first 1 rows only";
  private static final String WRITE =
      "insert into mq_group (group_no, epoch, last_position, last_version, last_queue_id, store_ms,"
          + " visible_messages, visible_bytes, holds) values (?, ?, ?, ?, ?, ?, ?, ?, ?)";

  /** Between two bounds, so that what was deleted before is not looked at again. */
  private static final String TRIM = "delete from mq_group where group_no > ? and group_no <= ?";

  private final Connection connection;

  GroupLog(Connection connection) {
    this.connection = connection;
  }

  /**
   * The newest row.
   *
   * @param epoch of the session that wrote it
   */
  record Newest(long epoch, Counters counters) {}

  Newest newest() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(READ)) {
      if (!row.next()) {
        throw new SQLException("table mq_group has lost its rows");
      }
      Counters counters = new Counters();
      counters.lastGroup = row.getLong("group_no");
      counters.lastPosition = row.getLong("last_position");
      counters.lastVersion = row.getLong("last_version");
      counters.lastQueueId = row.getInt("last_queue_id");
      counters.storeMs = row.getLong("store_ms");
      counters.visibleMessages = row.getLong("visible_messages");
      counters.visibleBytes = row.getLong("visible_bytes");
      counters.holds = row.getLong("holds");
      return new Newest(row.getLong("epoch"), counters);
    }
  }

  /**
   * Adds the row of group {@code counters.lastGroup}.
   *
   * @throws StoreTakenOver if another session has written that group
   */
  void add(long epoch, Counters counters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(WRITE)) {
      statement.setLong(1, counters.lastGroup);
      statement.setLong(2, epoch);
      statement.setLong(3, counters.lastPosition);
      statement.setLong(4, counters.lastVersion);
      statement.setInt(5, counters.lastQueueId);
      statement.setLong(6, counters.storeMs);
      statement.setLong(7, counters.visibleMessages);
      statement.setLong(8, counters.visibleBytes);
      statement.setLong(9, counters.holds);
      statement.executeUpdate();
    } catch (SQLException e) {
      throw SqlFailure.isDuplicate(e)
          ? new StoreTakenOver("group " + counters.lastGroup + " is not of epoch " + epoch)
          : e;
    }
    if (counters.lastGroup % STEP == 0) {
      try (PreparedStatement statement = connection.prepareStatement(TRIM)) {
        statement.setLong(1, counters.lastGroup - KEPT - STEP);
        statement.setLong(2, counters.lastGroup - KEPT);
        statement.executeUpdate();
      }
    }
  }
}
