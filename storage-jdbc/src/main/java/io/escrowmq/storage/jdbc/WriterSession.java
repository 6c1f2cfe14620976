package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteReceipt;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The writer's connection, and the ownership of the store that comes with it. Each session has an
 * epoch of its own; every transaction adds a row to the {@link GroupLog}, which fails if the store
 * went on without this session. Used by the writer thread only.
 */
final class WriterSession {

  private final Connection connection;
  private final Dialect dialect;
  private final Heads heads;
  private final Buckets buckets;
  private final Rotation rotation;
  private final GroupLog groups;
  private final long epoch;
  private final GroupLog.Newest previous;
  private final Map<QueueId, Long> grown;
  private final Promise promise;
  private Counters counters;

  private WriterSession(
      Connection connection,
      Dialect dialect,
      Heads heads,
      Buckets buckets,
      Found found,
      Promise promise) {
    this.connection = connection;
    this.dialect = dialect;
    this.heads = heads;
    this.buckets = buckets;
    this.rotation = found.rotation;
    this.groups = new GroupLog(connection);
    this.previous = found.newest;
    this.epoch = found.newest.epoch() + 1;
    this.promise = promise;
    this.counters = found.counters;
    this.grown = found.grown;
  }

  /** The store as a new session finds it. */
  private record Found(
      GroupLog.Newest newest, Counters counters, Map<QueueId, Long> grown, Rotation rotation) {}

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
  static WriterSession open(Connections connections, Heads heads, Buckets buckets)
      throws SQLException {
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
      GroupLog groups = new GroupLog(connection);
      GroupLog.Newest newest = groups.newest();
      Counters counters = newest.counters().copy();
      counters.lastGroup++;
      // From here on nobody else can commit a group that this session does not know of.
      groups.add(newest.epoch() + 1, counters);
      Rotation rotation = Rotation.begin(connection, dialect, buckets, counters.lastPosition);
      Map<QueueId, Long> grown = readHeads(connection, heads, buckets);
      connection.commit();
      dialect.harden(connection, true);
      return new WriterSession(
          connection,
          dialect,
          heads,
          buckets,
          new Found(newest, counters, grown, rotation),
          promise);
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

  /** The last group before this session, and who wrote it. */
  GroupLog.Newest previous() {
    return previous;
  }

  /** What the database keeps of its commits. */
  Promise promise() {
    return promise;
  }

  long epoch() {
    return epoch;
  }

  /** The queues that had more messages than was known, with their next offsets. */
  Map<QueueId, Long> grown() {
    return grown;
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

  /**
   * Makes room for what comes after the next groups, if it is time for that.
   *
   * @throws SQLException if the connection was lost
   */
  void makeRoom(long nowNs) throws SQLException {
    rotation.makeRoom(this, nowNs);
  }

  /** Does the group's work in a transaction that is still to be committed. */
  Prepared prepare(List<Job.Write> group, long clockMs, Decisions decisions) throws SQLException {
    Overlay overlay = new Overlay(counters.copy(), heads);
    boolean durable = group.stream().anyMatch(job -> job.batch().durable());
    if (!durable) {
      dialect.relax(connection);
    }
    rotation.turn(overlay.counters);
    new LookUps(connection, dialect, heads).fill(overlay, group);
    GroupWork work = new GroupWork(overlay, clockMs, decisions);
    List<Answer> answers = new ArrayList<>(group.size());
    boolean changes = false;
    for (Job.Write job : group) {
      try {
        WriteReceipt receipt = work.apply(job.batch());
        changes |= receipt.applied();
        if (receipt.applied() && job.batch().taken().isPresent()) {
          job.batch().taken().get().take(connection);
        }
        answers.add(new Answer.Receipt(receipt));
      } catch (io.escrowmq.spi.storage.StorageException.Fenced fenced) {
        answers.add(new Answer.Refusal(fenced));
      }
    }
    if (changes) {
      Flush flush = new Flush(connection, dialect, buckets);
      if (overlay.heads.values().stream().anyMatch(Overlay.Head::isTrimmed)) {
        // What is deleted changes the counters.
        flush.write(overlay);
        write(overlay.counters);
      } else {
        // Whoever has lost the store finds out before it sends everything.
        write(overlay.counters);
        flush.write(overlay);
      }
    }
    return new Prepared(overlay, group, answers, changes, durable);
  }

  /** Commits a group. */
  void commit(Prepared prepared) throws SQLException {
    connection.commit();
    if (prepared.changes()) {
      dialect.harden(connection, prepared.durable());
      counters = prepared.overlay().counters;
      rotation.written(prepared.overlay());
      if (prepared.overlay().heads.values().stream().anyMatch(Overlay.Head::isTrimmed)) {
        buckets.deleted();
      }
    }
  }

  /** Commits a chore that changed the counters. */
  void commit(Counters changed) throws SQLException {
    connection.commit();
    dialect.harden(connection, true);
    counters = changed;
  }

  /** Writes the counters as the next group, if the store is still this session's. */
  void write(Counters changed) throws SQLException {
    changed.lastGroup = counters.lastGroup + 1;
    groups.add(epoch, changed);
  }

  /** Finds out whether the database answers. */
  void ask() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("select 1").close();
    }
    connection.rollback();
  }

  void rollback() throws SQLException {
    connection.rollback();
  }

  /** Gives the connection and with it the store back. */
  void close() throws SQLException {
    connection.close();
  }

  /** Publishes the heads; the next offsets of queues that had more messages than was known. */
  private static Map<QueueId, Long> readHeads(Connection connection, Heads heads, Buckets buckets)
      throws SQLException {
    Map<QueueId, Long> grown = new HashMap<>();
    QueueEnds.read(connection, buckets.all())
        .forEach((queue, head) -> {
          if (head.next() > heads.bounds(queue).max()) {
            grown.put(queue, head.next());
          }
          heads.publish(queue, head);
        });
    return grown;
  }
}
