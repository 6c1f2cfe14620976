package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteReceipt;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The writer's connection, and the ownership of the store that comes with it. Each session has an
 * epoch of its own; every transaction checks it in the row {@code mq_store}. Used by the writer
 * thread only.
 */
final class WriterSession {

  private static final String READ_STORE =
      "select epoch, last_group, last_position, last_version, last_queue_id, store_ms,"
          + " visible_messages, visible_bytes, holds from mq_store where store_id = 0 for update";
  private static final String WRITE_STORE =
      "update mq_store set last_group = ?, last_position = ?, last_version = ?, last_queue_id = ?,"
          + " store_ms = ?, visible_messages = ?, visible_bytes = ?, holds = ?"
          + " where store_id = 0 and epoch = ? and last_group = ?";

  private final Connection connection;
  private final Dialect dialect;
  private final Heads heads;
  private final long epoch;
  private final long previousEpoch;
  private final Promise promise;
  private Counters counters;

  private WriterSession(
      Connection connection,
      Dialect dialect,
      Heads heads,
      long previousEpoch,
      Promise promise,
      Counters counters) {
    this.connection = connection;
    this.dialect = dialect;
    this.heads = heads;
    this.previousEpoch = previousEpoch;
    this.epoch = previousEpoch + 1;
    this.promise = promise;
    this.counters = counters;
  }

  /** What a batch was answered. */
  sealed interface Answer {
    /** It was judged, and applied or rejected. */
    record Receipt(WriteReceipt receipt) implements Answer {}

    /** It was refused by a precondition that fails loudly. */
    record Refusal(RuntimeException reason) implements Answer {}
  }

  /**
   * A group up to its commit.
   *
   * @param overlay what it changes
   * @param answers one per job
   * @param changes false if there is nothing to commit
   * @param durable whether the commit must reach the disk
   */
  record Prepared(
      Overlay overlay,
      List<Job.Write> group,
      List<Answer> answers,
      boolean changes,
      boolean durable) {}

  /**
   * Connects, takes the store over and reads its heads and counters.
   *
   * @throws StoreTakenOver if another server has the store
   */
  static WriterSession open(Connections connections, Heads heads) throws SQLException {
    Dialect dialect = connections.dialect();
    Connection connection = connections.open("writer");
    try {
      dialect.prepareWriter(connection);
      Promise promise = Promise.of(dialect, connection);
      if (connections.shard().isPresent()) {
        connections.shard().get().require(connection, "");
      }
      own(connections, connection);
      connection.setAutoCommit(false);
      if (connections.shard().isPresent()) {
        // Locked until the new epoch is committed: nobody else can be given the shard in between.
        connections.shard().get().require(connection, " for share");
      }
      Counters counters = new Counters();
      long previousEpoch = read(connection, counters);
      try (Statement statement = connection.createStatement()) {
        statement.executeUpdate("update mq_store set epoch = epoch + 1 where store_id = 0");
      }
      readHeads(connection, heads);
      connection.commit();
      dialect.harden(connection, true);
      return new WriterSession(connection, dialect, heads, previousEpoch, promise, counters);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static void own(Connections connections, Connection connection) throws SQLException {
    Dialect dialect = connections.dialect();
    if (dialect.own(connection)) {
      return;
    }
    // Under a lease, whoever still holds the lock has lost the shard: stopped, hung or cut off.
    if (connections.shard().isPresent()) {
      dialect.evict(connection);
      if (dialect.own(connection)) {
        return;
      }
    }
    throw new StoreTakenOver("the store is locked");
  }

  /** The epoch of whoever owned the store before this session. */
  long previousEpoch() {
    return previousEpoch;
  }

  /** What the database keeps of its commits. */
  Promise promise() {
    return promise;
  }

  long epoch() {
    return epoch;
  }

  /** As committed; the caller must not change it. */
  Counters counters() {
    return counters;
  }

  Connection connection() {
    return connection;
  }

  Dialect dialect() {
    return dialect;
  }

  /** Does the group's work in a transaction that is still to be committed. */
  Prepared prepare(List<Job.Write> group, long clockMs, Decisions decisions) throws SQLException {
    Overlay overlay = new Overlay(counters.copy(), heads);
    boolean durable = group.stream().anyMatch(job -> job.batch().durable());
    if (!durable) {
      dialect.relax(connection);
    }
    new LookUps(connection, heads).fill(overlay, group);
    GroupWork work = new GroupWork(overlay, clockMs, decisions);
    List<Answer> answers = new ArrayList<>(group.size());
    boolean changes = false;
    for (Job.Write job : group) {
      try {
        WriteReceipt receipt = work.apply(job.batch());
        changes |= receipt.applied();
        answers.add(new Answer.Receipt(receipt));
      } catch (io.escrowmq.spi.storage.StorageException.Fenced fenced) {
        answers.add(new Answer.Refusal(fenced));
      }
    }
    if (changes) {
      new Flush(connection, dialect).write(overlay);
      write(overlay.counters);
    }
    return new Prepared(overlay, group, answers, changes, durable);
  }

  /** Commits a group and shows its heads to readers. */
  void commit(Prepared prepared) throws SQLException {
    connection.commit();
    if (prepared.changes()) {
      dialect.harden(connection, prepared.durable());
      counters = prepared.overlay().counters;
      prepared.overlay().heads.forEach((queue, head) -> heads.publish(queue, head.after()));
    }
  }

  /** Commits a chore that changed the counters. */
  void commit(Counters changed) throws SQLException {
    connection.commit();
    dialect.harden(connection, true);
    counters = changed;
  }

  /** Writes the counters under the next group number, if the store is still this session's. */
  void write(Counters changed) throws SQLException {
    changed.lastGroup = counters.lastGroup + 1;
    try (PreparedStatement statement = connection.prepareStatement(WRITE_STORE)) {
      statement.setLong(1, changed.lastGroup);
      statement.setLong(2, changed.lastPosition);
      statement.setLong(3, changed.lastVersion);
      statement.setInt(4, changed.lastQueueId);
      statement.setLong(5, changed.storeMs);
      statement.setLong(6, changed.visibleMessages);
      statement.setLong(7, changed.visibleBytes);
      statement.setLong(8, changed.holds);
      statement.setLong(9, epoch);
      statement.setLong(10, counters.lastGroup);
      if (statement.executeUpdate() != 1) {
        throw new StoreTakenOver("epoch " + epoch + " of the store is over");
      }
    }
  }

  void rollback() throws SQLException {
    connection.rollback();
  }

  /** Gives the connection and with it the store back. */
  void close() throws SQLException {
    connection.close();
  }

  private static long read(Connection connection, Counters counters) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(READ_STORE)) {
      if (!row.next()) {
        throw new SQLException("table mq_store has lost its row");
      }
      counters.lastGroup = row.getLong("last_group");
      counters.lastPosition = row.getLong("last_position");
      counters.lastVersion = row.getLong("last_version");
      counters.lastQueueId = row.getInt("last_queue_id");
      counters.storeMs = row.getLong("store_ms");
      counters.visibleMessages = row.getLong("visible_messages");
      counters.visibleBytes = row.getLong("visible_bytes");
      counters.holds = row.getLong("holds");
      return row.getLong("epoch");
    }
  }

  private static void readHeads(Connection connection, Heads heads) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select queue_id, topic, queue_no, min_offset, next_offset from mq_queue")) {
      while (row.next()) {
        heads.publish(
            new QueueId(row.getString("topic"), row.getInt("queue_no")),
            new QueueHead(
                row.getInt("queue_id"), row.getLong("min_offset"), row.getLong("next_offset")));
      }
    }
  }
}
