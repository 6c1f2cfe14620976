package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TimeSource;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads of held messages, all from the database. */
final class JdbcEscrow implements Escrow {

  private static final String ENTRY =
      "select hold_id, kind, wake_at_ms, held_at_ms, attributes, queue_id from mq_hold ";

  private final Readers readers;
  private final Heads heads;
  private final Decisions decisions;
  private final Condition condition;
  private final DueFloors floors;
  private final TimeSource time;

  JdbcEscrow(
      Readers readers,
      Heads heads,
      Decisions decisions,
      Condition condition,
      DueFloors floors,
      TimeSource time) {
    this.readers = readers;
    this.heads = heads;
    this.floors = floors;
    this.decisions = decisions;
    this.condition = condition;
    this.time = time;
  }

  @Override
  public Optional<HeldMessage> get(HoldId id) {
    return readers
        .list(
            ENTRY.replace("queue_id", "queue_id, " + Records.COLUMNS) + "where hold_id = ?",
            statement -> statement.setObject(1, readers.id(id)),
            row -> {
              HoldEntry entry = entry(row);
              return new HeldMessage(
                  entry, new Records().read(row, 7, entry.queue(), Records.Stamp.NONE));
            })
        .stream()
        .findFirst();
  }

  @Override
  public HoldStatus status(HoldId id) {
    // In this order: a hold that is decided in between is found as a decision.
    boolean held =
        !readers
            .list(
                "select hold_id from mq_hold where hold_id = ?",
                statement -> statement.setObject(1, readers.id(id)),
                row -> id)
            .isEmpty();
    if (held) {
      return HoldStatus.HELD;
    }
    long nowMs = Math.max(condition.counters().storeMs, time.nowMs());
    return readers
        .list(
            "select state, queue_offset, position, decided_ms from mq_decision where hold_id = ?",
            statement -> statement.setObject(1, readers.id(id)),
            Decisions::read)
        .stream()
        .findFirst()
        .map(decision -> decisions.remembered(decision, nowMs))
        .orElse(HoldStatus.UNKNOWN);
  }

  @Override
  public List<HoldEntry> due(HoldKind kind, Optional<HoldEntry> after, long beforeMs, int limit) {
    if (after.isPresent()) {
      return dueAfter(kind, after.get(), beforeMs, limit);
    }
    DueFloors.Floor floor = floors.of(kind);
    DueFloors.Look look = floor.begin();
    long firstMs = Long.MIN_VALUE;
    try {
      List<HoldEntry> found =
          readers.list(
              ENTRY
                  + "where kind = ? and wake_at_ms >= ? and wake_at_ms < ?"
                  + " order by wake_at_ms, hold_id fetch first ? rows only",
              statement -> {
                statement.setInt(1, kind.code());
                statement.setLong(2, look.fromMs());
                statement.setLong(3, beforeMs);
                statement.setInt(4, limit);
              },
              this::entry);
      firstMs = found.isEmpty() ? beforeMs : found.getFirst().wakeAtMs();
      return found;
    } finally {
      floor.end(look, firstMs);
    }
  }

  private List<HoldEntry> dueAfter(HoldKind kind, HoldEntry after, long beforeMs, int limit) {
    return readers.list(
        ENTRY
            + "where kind = ? and wake_at_ms < ? and wake_at_ms >= ?"
            + " and (wake_at_ms > ? or (wake_at_ms = ? and hold_id > ?))"
            + " order by wake_at_ms, hold_id fetch first ? rows only",
        statement -> {
          statement.setInt(1, kind.code());
          statement.setLong(2, beforeMs);
          statement.setLong(3, after.wakeAtMs());
          statement.setLong(4, after.wakeAtMs());
          statement.setLong(5, after.wakeAtMs());
          statement.setObject(6, readers.id(after.id()));
          statement.setInt(7, limit);
        },
        this::entry);
  }

  @Override
  public List<HoldEntry> scan(HoldKind kind, Optional<HoldId> after, int limit) {
    return readers.list(
        ENTRY
            + "where kind = ? "
            + (after.isEmpty() ? "" : "and hold_id > ? ")
            + "order by hold_id fetch first ? rows only",
        statement -> {
          int at = 1;
          statement.setInt(at++, kind.code());
          if (after.isPresent()) {
            statement.setObject(at++, readers.id(after.get()));
          }
          statement.setInt(at, limit);
        },
        this::entry);
  }

  @Override
  public List<DecidedHold> decided(Optional<HoldId> after, int limit) {
    long nowMs = Math.max(condition.counters().storeMs, time.nowMs());
    return readers.list(
        "select hold_id, state, queue_offset, position, decided_ms from mq_decision"
            + " where decided_ms >= ? "
            + (after.isEmpty() ? "" : "and hold_id > ? ")
            + "order by hold_id fetch first ? rows only",
        statement -> {
          int at = 1;
          statement.setLong(at++, nowMs - decisions.retention().toMillis());
          if (after.isPresent()) {
            statement.setObject(at++, readers.id(after.get()));
          }
          statement.setInt(at, limit);
        },
        row -> new DecidedHold(Ids.read(row, "hold_id"), Decisions.read(row)));
  }

  @Override
  public Map<HoldGroup, Long> counts() {
    Map<HoldGroup, Long> counts = new HashMap<>();
    readers
        .list(
            "select h.kind, q.topic, count(*) from mq_hold h join mq_queue q on q.queue_id ="
                + " h.queue_id group by h.kind, q.topic",
            statement -> {},
            row ->
                Map.entry(
                    new HoldGroup(HoldKind.ofCode(row.getInt(1)), row.getString(2)),
                    row.getLong(3)))
        .forEach(count -> counts.put(count.getKey(), count.getValue()));
    return counts;
  }

  private HoldEntry entry(ResultSet row) throws SQLException {
    int id = row.getInt("queue_id");
    QueueId queue =
        heads.name(id).orElseThrow(() -> new SQLException("a hold of unknown queue " + id));
    return new HoldEntry(
        Ids.read(row, "hold_id"),
        queue,
        HoldKind.ofCode(row.getInt("kind")),
        row.getLong("held_at_ms"),
        row.getLong("wake_at_ms"),
        Bytes.wrap(row.getBytes("attributes")));
  }
}
