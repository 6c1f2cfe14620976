package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.storage.jdbc.Overlay.Head;
import io.escrowmq.storage.jdbc.Overlay.IdState;
import io.escrowmq.storage.jdbc.Overlay.RowKey;
import io.escrowmq.storage.jdbc.Overlay.RowState;
import io.escrowmq.storage.jdbc.Overlay.Visible;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes what a group changed, as one set-based statement per table. */
final class Flush {

  private final Connection connection;
  private final Dialect dialect;

  Flush(Connection connection, Dialect dialect) {
    this.connection = connection;
    this.dialect = dialect;
  }

  /** Writes everything but the row of counters. */
  void write(Overlay overlay) throws SQLException {
    writeHeads(overlay);
    writeMessages(overlay);
    writeIds(overlay);
    writeRows(overlay);
    trim(overlay);
  }

  /** New queues and new minimums only: the next offset follows from the messages. */
  private void writeHeads(Overlay overlay) throws SQLException {
    List<@Nullable Object[]> fresh = new ArrayList<>();
    List<@Nullable Object[]> changed = new ArrayList<>();
    for (Head head : overlay.heads.values()) {
      if (head.before == null) {
        fresh.add(values(head.id, head.queue.topic(), head.queue.queue(), head.min, head.next));
      } else if (head.min > head.before.min()) {
        changed.add(values(head.min, head.next, head.id));
      }
    }
    execute(Bulk.INSERT_QUEUE, fresh);
    execute(Bulk.TRIM_QUEUE, changed);
  }

  private void writeMessages(Overlay overlay) throws SQLException {
    List<@Nullable Object[]> messages = new ArrayList<>();
    List<@Nullable Object[]> releases = new ArrayList<>();
    List<@Nullable Object[]> keys = new ArrayList<>();
    for (Visible visible : overlay.visible) {
      if (visible.message() != null) {
        messages.add(
            joined(
                values(visible.head().id, visible.offset(), visible.position(), visible.storeMs()),
                visible.message().toColumns()));
      } else if (visible.hold() != null) {
        releases.add(
            values(
                visible.offset(), visible.position(), visible.storeMs(), Ids.uuid(visible.hold())));
      }
      hashes(visible).forEach(hash -> keys.add(values(hash, visible.position())));
    }
    execute(Bulk.INSERT_MESSAGE, messages);
    execute(Bulk.RELEASE, releases);
    execute(Bulk.INSERT_KEY, keys);
  }

  private static Set<Long> hashes(Visible visible) {
    return visible.message() == null
        ? IndexHash.all(visible.head().queue.topic(), PropertiesJson.read(visible.properties()))
        : visible.message().hashes();
  }

  private void writeIds(Overlay overlay) throws SQLException {
    List<@Nullable Object[]> gone = new ArrayList<>();
    List<@Nullable Object[]> changed = new ArrayList<>();
    List<@Nullable Object[]> fresh = new ArrayList<>();
    List<@Nullable Object[]> forgotten = new ArrayList<>();
    List<@Nullable Object[]> decided = new ArrayList<>();
    for (Map.Entry<HoldId, IdState> entry : overlay.ids.entrySet()) {
      HoldId id = entry.getKey();
      IdState state = entry.getValue();
      HeldRow held = state.held;
      if (state.heldBefore != null && held == null) {
        gone.add(values(Ids.uuid(id)));
      } else if (state.heldBefore != null && held != null && !held.equals(state.heldBefore)) {
        changed.add(
            values(held.kind().code(), held.wakeAtMs(), held.attributes().toArray(), Ids.uuid(id)));
      } else if (state.heldBefore == null && held != null) {
        fresh.add(fresh(overlay, id, held));
      }
      if (!state.decision.equals(state.decisionBefore)) {
        writeDecision(id, state, forgotten, decided);
      }
    }
    execute(Bulk.DELETE_HOLD, gone);
    execute(Bulk.RESCHEDULE, changed);
    execute(Bulk.INSERT_HOLD, fresh);
    execute(Bulk.DELETE_DECISION, forgotten);
    execute(Bulk.INSERT_DECISION, decided);
  }

  private static @Nullable Object[] fresh(Overlay overlay, HoldId id, HeldRow held) {
    MessageRow message = held.message();
    if (message == null) {
      throw new IllegalStateException("hold " + id + " has no message");
    }
    return joined(
        values(
            Ids.uuid(id),
            held.kind().code(),
            held.wakeAtMs(),
            held.heldAtMs(),
            held.attributes().toArray(),
            overlay.head(held.queue()).id),
        message.toColumns());
  }

  private static void writeDecision(
      HoldId id,
      IdState state,
      List<@Nullable Object[]> forgotten,
      List<@Nullable Object[]> decided) {
    if (state.decisionBefore.state() != HoldStatus.State.UNKNOWN) {
      forgotten.add(values(Ids.uuid(id)));
    }
    HoldStatus decision = state.decision;
    if (decision.state() != HoldStatus.State.UNKNOWN) {
      decided.add(
          values(
              Ids.uuid(id),
              Decisions.codeOf(decision),
              decision.queueOffset(),
              decision.position(),
              decision.decidedAtMs()));
    }
  }

  private void writeRows(Overlay overlay) throws SQLException {
    List<@Nullable Object[]> put = new ArrayList<>();
    List<@Nullable Object[]> deleted = new ArrayList<>();
    for (Map.Entry<RowKey, RowState> entry : overlay.rows.entrySet()) {
      RowState row = entry.getValue();
      if (!row.changed) {
        continue;
      }
      String table = entry.getKey().table();
      byte[] key = entry.getKey().key().toArray();
      if (row.value == null) {
        deleted.add(values(table, key));
      } else {
        put.add(values(table, key, row.value.toArray(), row.version));
      }
    }
    dialectExecute(Bulk.DELETE_ROW, deleted);
    dialectExecute(Bulk.PUT_ROW, put);
  }

  /** Deletes what lies below a raised minimum. The index rows go with the next retention. */
  private void trim(Overlay overlay) throws SQLException {
    for (Head head : overlay.heads.values()) {
      if (head.min > head.minBefore()) {
        count(overlay.counters, head);
        try (PreparedStatement statement =
            connection.prepareStatement(
                "delete from mq_message where queue_id = ? and queue_offset < ?")) {
          statement.setInt(1, head.id);
          statement.setLong(2, head.min);
          statement.executeUpdate();
        }
      }
    }
  }

  private void count(Counters counters, Head head) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select count(*), coalesce(sum(size_bytes), 0) from mq_message"
                + " where queue_id = ? and queue_offset < ?")) {
      statement.setInt(1, head.id);
      statement.setLong(2, head.min);
      try (ResultSet sums = statement.executeQuery()) {
        sums.next();
        counters.visibleMessages -= sums.getLong(1);
        counters.visibleBytes -= sums.getLong(2);
      }
    }
  }

  /** Executes a statement that must change exactly the rows it was given. */
  private void execute(Bulk bulk, List<@Nullable Object[]> rows) throws SQLException {
    int changed = dialectExecute(bulk, rows);
    if (changed != rows.size()) {
      throw new StoreTakenOver(
          "a write expected to change " + rows.size() + " rows and changed " + changed);
    }
  }

  private int dialectExecute(Bulk bulk, List<@Nullable Object[]> rows) throws SQLException {
    return rows.isEmpty() ? 0 : dialect.execute(connection, bulk, rows);
  }

  private static @Nullable Object[] values(@Nullable Object... values) {
    return values;
  }

  private static @Nullable Object[] joined(@Nullable Object[] first, @Nullable Object[] second) {
    @Nullable Object[] all = new @Nullable Object[first.length + second.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
