package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.TableOwnership;
import io.escrowmq.storage.jdbc.Overlay.IdState;
import io.escrowmq.storage.jdbc.Overlay.RowKey;
import io.escrowmq.storage.jdbc.Overlay.RowState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Reads what the batches of a group will ask about: holds, decisions, required rows, leases. */
final class LookUps {

  private static final String HOLDS =
      "select hold_id, kind, wake_at_ms, held_at_ms, attributes, queue_id, size_bytes, properties"
          + " from mq_hold where ";
  private static final String DECISIONS =
      "select hold_id, state, queue_offset, position, decided_ms from mq_decision" + " where ";
  private static final String ROWS =
      "select row_key, version, case when table_name = '"
          + TableOwnership.TABLE
          + "' then row_value end as lease from mq_row where table_name = ? and ";

  private final Connection connection;
  private final Dialect dialect;
  private final Heads heads;

  LookUps(Connection connection, Dialect dialect, Heads heads) {
    this.connection = connection;
    this.dialect = dialect;
    this.heads = heads;
  }

  /** Fills the overlay for these batches. */
  void fill(Overlay overlay, List<Job.Write> group) throws SQLException {
    Set<HoldId> ids = new LinkedHashSet<>();
    Map<String, Set<Bytes>> rows = new LinkedHashMap<>();
    for (Job.Write job : group) {
      for (Mutation mutation : job.batch().mutations()) {
        collect(mutation, ids, rows);
      }
    }
    if (!ids.isEmpty()) {
      readIds(overlay, ids);
    }
    for (Map.Entry<String, Set<Bytes>> table : rows.entrySet()) {
      readRows(overlay, table.getKey(), table.getValue());
    }
  }

  private static void collect(Mutation mutation, Set<HoldId> ids, Map<String, Set<Bytes>> rows) {
    switch (mutation) {
      case Mutation.Hold hold -> ids.add(hold.id());
      case Mutation.Release release -> ids.add(release.id());
      case Mutation.Discard discard -> ids.add(discard.id());
      case Mutation.Reschedule reschedule -> ids.add(reschedule.id());
      case Mutation.RequireHeld requireHeld -> ids.add(requireHeld.id());
      case Mutation.Require require ->
          rows.computeIfAbsent(require.table(), ignored -> new HashSet<>()).add(require.key());
      case Mutation.Fence fence ->
          rows.computeIfAbsent(TableOwnership.TABLE, ignored -> new HashSet<>())
              .add(TableOwnership.keyOf(fence.scope()));
      case Mutation.Restore.Held held -> ids.add(held.entry().id());
      case Mutation.Restore.Decided decided -> ids.add(decided.id());
      case Mutation.Restore.Begin ignored -> {}
      case Mutation.Restore.Visible ignored -> {}
      case Mutation.Append ignored -> {}
      case Mutation.Put ignored -> {}
      case Mutation.Delete ignored -> {}
      case Mutation.Trim ignored -> {}
    }
  }

  private void readIds(Overlay overlay, Set<HoldId> ids) throws SQLException {
    UUID[] uuids = ids.stream().map(Ids::uuid).toArray(UUID[]::new);
    Map<HoldId, HeldRow> held = new HashMap<>();
    Map<HoldId, HoldStatus> decided = new HashMap<>();
    String among = dialect.isOneOf("hold_id", uuids);
    try (PreparedStatement statement = connection.prepareStatement(HOLDS + among)) {
      dialect.setOneOf(statement, 1, ColumnType.UUID, uuids);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          held.put(Ids.read(row, "hold_id"), held(row));
        }
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(DECISIONS + among)) {
      dialect.setOneOf(statement, 1, ColumnType.UUID, uuids);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          decided.put(Ids.read(row, "hold_id"), Decisions.read(row));
        }
      }
    }
    for (HoldId id : ids) {
      HoldStatus decision = decided.getOrDefault(id, HoldStatus.UNKNOWN);
      overlay.ids.put(id, new IdState(held.get(id), decision));
    }
  }

  private HeldRow held(ResultSet row) throws SQLException {
    int queue = row.getInt("queue_id");
    return new HeldRow(
        heads.name(queue).orElseThrow(() -> new SQLException("a hold of unknown queue " + queue)),
        HoldKind.ofCode(row.getInt("kind")),
        row.getLong("held_at_ms"),
        row.getLong("wake_at_ms"),
        Bytes.wrap(row.getBytes("attributes")),
        row.getInt("size_bytes"),
        row.getString("properties"),
        null);
  }

  private void readRows(Overlay overlay, String table, Set<Bytes> keys) throws SQLException {
    for (Bytes key : keys) {
      overlay.rows.put(new RowKey(table, key), new RowState(Mutation.Require.ABSENT, null));
    }
    byte[][] values = keys.stream().map(Bytes::toArray).toArray(byte[][]::new);
    String among = dialect.isOneOf("row_key", values);
    try (PreparedStatement statement = connection.prepareStatement(ROWS + among)) {
      statement.setString(1, table);
      dialect.setOneOf(statement, 2, ColumnType.BYTES, values);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          byte[] lease = row.getBytes("lease");
          overlay.rows.put(
              new RowKey(table, Bytes.wrap(row.getBytes("row_key"))),
              new RowState(row.getLong("version"), lease == null ? null : Bytes.wrap(lease)));
        }
      }
    }
  }
}
