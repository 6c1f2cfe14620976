package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.TimeSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Forgets the oldest messages in the order in which they became visible, a page per transaction,
 * then index rows of messages that are gone and decisions past their time. Runs on the writer
 * thread, between groups.
 */
final class Retention {

  private static final int PAGE = 2_000;

  private final RetentionPolicy policy;
  private final Decisions decisions;
  private final TimeSource time;
  private final Heads heads;

  // How far it came. Looks begin there, so that they do not walk over what was deleted and, while
  // somebody's old snapshot is open, cannot be cleared away.
  private long messagesGone = -1;
  private long keysGone = -1;
  private long decisionsGoneMs = Long.MIN_VALUE;

  Retention(RetentionPolicy policy, Decisions decisions, TimeSource time, Heads heads) {
    this.policy = policy;
    this.decisions = decisions;
    this.time = time;
    this.heads = heads;
  }

  /** A page of messages; true if there may be more. */
  boolean messages(WriterSession session) throws SQLException {
    Counters counters = session.counters().copy();
    Map<Integer, Long> minimums = new HashMap<>();
    long cut = oldest(session, counters, minimums);
    if (minimums.isEmpty()) {
      session.rollback();
      return false;
    }
    try (PreparedStatement delete =
        session
            .connection()
            .prepareStatement("delete from mq_message where position > ? and position <= ?")) {
      delete.setLong(1, messagesGone);
      delete.setLong(2, cut);
      delete.executeUpdate();
    }
    Map<QueueId, QueueHead> raised = raise(session, minimums);
    session.write(counters);
    session.commit(counters);
    raised.forEach(heads::publish);
    messagesGone = cut;
    return true;
  }

  /** What refers to nothing any more; always the last step. */
  boolean leftovers(WriterSession session) throws SQLException {
    Connection connection = session.connection();
    long oldest = oldestPosition(session);
    try (PreparedStatement keys =
        connection.prepareStatement(
            "delete from mq_message_key where position >= ? and position < ?")) {
      keys.setLong(1, keysGone);
      keys.setLong(2, oldest);
      keys.executeUpdate();
    }
    long forgottenMs = nowMs(session) - decisions.retention().toMillis();
    try (PreparedStatement old =
        connection.prepareStatement(
            "delete from mq_decision where decided_ms >= ? and decided_ms < ?")) {
      old.setLong(1, decisionsGoneMs);
      old.setLong(2, forgottenMs);
      old.executeUpdate();
    }
    Counters counters = session.counters().copy();
    session.write(counters);
    session.commit(counters);
    keysGone = oldest;
    decisionsGoneMs = forgottenMs;
    return false;
  }

  /** The position of the oldest message; the one after the newest if there is none. */
  private long oldestPosition(WriterSession session) throws SQLException {
    try (PreparedStatement select =
        session
            .connection()
            .prepareStatement(
                "select coalesce(min(position), ?) from mq_message where position > ?")) {
      select.setLong(1, session.counters().lastPosition + 1);
      select.setLong(2, messagesGone);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private long oldest(WriterSession session, Counters counters, Map<Integer, Long> minimums)
      throws SQLException {
    long nowMs = nowMs(session);
    long cut = -1;
    try (PreparedStatement select =
        session
            .connection()
            .prepareStatement(
                "select queue_id, queue_offset, position, store_ms, size_bytes from mq_message"
                    + " where position > ? order by position fetch first ? rows only")) {
      select.setLong(1, messagesGone);
      select.setInt(2, PAGE);
      try (ResultSet row = select.executeQuery()) {
        while (row.next() && mayGo(nowMs, row.getLong("store_ms"), counters)) {
          cut = row.getLong("position");
          counters.visibleMessages--;
          counters.visibleBytes -= row.getInt("size_bytes");
          minimums.put(row.getInt("queue_id"), row.getLong("queue_offset") + 1);
        }
      }
    }
    return cut;
  }

  private boolean mayGo(long nowMs, long storeMs, Counters counters) {
    return nowMs - storeMs > policy.maxAge().toMillis()
        || counters.visibleBytes > policy.maxBytes();
  }

  private Map<QueueId, QueueHead> raise(WriterSession session, Map<Integer, Long> minimums)
      throws SQLException {
    Map<QueueId, QueueHead> raised = new HashMap<>();
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (Map.Entry<Integer, Long> entry : minimums.entrySet()) {
      QueueId queue = heads.name(entry.getKey()).orElseThrow();
      QueueHead before = heads.find(queue);
      if (before != null && entry.getValue() > before.min()) {
        QueueHead after = new QueueHead(before.id(), entry.getValue(), before.next());
        raised.put(queue, after);
        rows.add(new @Nullable Object[] {after.min(), after.next(), after.id()});
      }
    }
    if (!rows.isEmpty()
        && session.dialect().execute(session.connection(), Bulk.TRIM_QUEUE, rows) != rows.size()) {
      throw new StoreTakenOver("the retention found other heads than its own");
    }
    return raised;
  }

  private long nowMs(WriterSession session) {
    return Math.max(session.counters().storeMs, time.nowMs());
  }
}
