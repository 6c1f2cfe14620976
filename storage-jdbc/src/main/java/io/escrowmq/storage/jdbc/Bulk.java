package io.escrowmq.storage.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A statement for many rows at once, in several forms.
 *
 * @param byRow standard SQL with one parameter per column, executed once per row in a batch
 * @param fromArrays SQL with {@code %s} where the rows come from ({@code unnest(...) as v(a0, a1,
 *     ...)}), for databases that take columns as arrays
 * @param target the table and its columns in parentheses, if the rows can be copied into it: their
 *     types are exactly the columns'
 * @param types of the parameters
 */
record Bulk(String byRow, String fromArrays, Optional<String> target, List<ColumnType> types) {

  private static final Pattern INTO = Pattern.compile("^(insert into )?\\w+");

  static final Bulk INSERT_QUEUE =
      insert(
          "mq_queue",
          List.of("queue_id", "topic", "queue_no", "min_offset", "next_if_empty"),
          List.of(
              ColumnType.INT, ColumnType.TEXT, ColumnType.INT, ColumnType.LONG, ColumnType.LONG));

  /** Parameters: new min, new next, id. */
  static final Bulk TRIM_QUEUE =
      new Bulk(
          "update mq_queue set min_offset = ?, next_if_empty = ? where queue_id = ?",
          "update mq_queue q set min_offset = a0, next_if_empty = a1 from %s where q.queue_id = a2",
          Optional.empty(),
          List.of(ColumnType.LONG, ColumnType.LONG, ColumnType.INT));

  static final Bulk INSERT_MESSAGE =
      copied(
          "mq_message",
          joined(List.of("queue_id", "queue_offset", "position", "store_ms"), MessageRow.COLUMNS),
          joined(
              List.of(ColumnType.INT, ColumnType.LONG, ColumnType.LONG, ColumnType.LONG),
              MessageRow.TYPES));

  /**
   * How {@link #RELEASE} finds holds by the index, whatever the planner guesses; not in MariaDB.
   */
  static final String EACH_HOLD =
      "cross join lateral (select * from mq_hold where hold_id = a3 offset 0) h";

  /** Parameters: offset, position, store time, hold id. The body stays in the database. */
  static final Bulk RELEASE =
      new Bulk(
          "insert into mq_message (queue_id, queue_offset, position, store_ms, "
              + columns()
              + ") select queue_id, ?, ?, ?, "
              + columns()
              + " from mq_hold where hold_id = ?",
          "insert into mq_message (queue_id, queue_offset, position, store_ms, "
              + columns()
              + ") select h.queue_id, a0, a1, a2, "
              + columns()
              + " from %s "
              + EACH_HOLD,
          Optional.empty(),
          List.of(ColumnType.LONG, ColumnType.LONG, ColumnType.LONG, ColumnType.UUID));

  static final Bulk INSERT_KEY =
      copied(
          "mq_message_key",
          List.of("key_hash", "position"),
          List.of(ColumnType.LONG, ColumnType.LONG));

  static final Bulk INSERT_HOLD =
      insert(
          "mq_hold",
          joined(
              List.of("hold_id", "kind", "wake_at_ms", "held_at_ms", "attributes", "queue_id"),
              MessageRow.COLUMNS),
          joined(
              List.of(
                  ColumnType.UUID,
                  ColumnType.INT,
                  ColumnType.LONG,
                  ColumnType.LONG,
                  ColumnType.BYTES,
                  ColumnType.INT),
              MessageRow.TYPES));

  static final Bulk DELETE_HOLD = delete("mq_hold", "hold_id", ColumnType.UUID);

  /** Parameters: kind, wake-up time, attributes, id. */
  static final Bulk RESCHEDULE =
      new Bulk(
          "update mq_hold set kind = ?, wake_at_ms = ?, attributes = ? where hold_id = ?",
          "update mq_hold h set kind = a0, wake_at_ms = a1, attributes = a2 from (select l.place,"
              + " v.* from %s cross join lateral (select ctid as place from mq_hold where hold_id = a3"
              + " offset 0) l) as w where h.ctid = w.place",
          Optional.empty(),
          List.of(ColumnType.INT, ColumnType.LONG, ColumnType.BYTES, ColumnType.UUID));

  static final Bulk DELETE_DECISION = delete("mq_decision", "hold_id", ColumnType.UUID);

  static final Bulk INSERT_DECISION =
      insert(
          "mq_decision",
          List.of("hold_id", "state", "queue_offset", "position", "decided_ms"),
          List.of(
              ColumnType.UUID, ColumnType.INT, ColumnType.LONG, ColumnType.LONG, ColumnType.LONG));

  private static final List<ColumnType> ROW_TYPES =
      List.of(ColumnType.TEXT, ColumnType.BYTES, ColumnType.BYTES, ColumnType.LONG);

  static final Bulk PUT_ROW =
      new Bulk(
          "merge into mq_row (table_name, row_key, row_value, version) key (table_name, row_key)"
              + " values (?, ?, ?, ?)",
          "insert into mq_row (table_name, row_key, row_value, version) select a0, a1, a2, a3 from"
              + " %s on conflict (table_name, row_key) do update set row_value ="
              + " excluded.row_value, version = excluded.version",
          Optional.empty(),
          ROW_TYPES);

  static final Bulk DELETE_ROW =
      new Bulk(
          "delete from mq_row where table_name = ? and row_key = ?",
          "delete from mq_row r using %s where r.table_name = a0 and r.row_key = a1",
          Optional.empty(),
          List.of(ColumnType.TEXT, ColumnType.BYTES));

  /** The same insertion into a part of the table. */
  Bulk into(String part) {
    return new Bulk(
        INTO.matcher(byRow).replaceFirst("$1" + part),
        INTO.matcher(fromArrays).replaceFirst("$1" + part),
        target.map(table -> INTO.matcher(table).replaceFirst(part)),
        types);
  }

  private static Bulk copied(String table, List<String> columns, List<ColumnType> types) {
    Bulk inserted = insert(table, columns, types);
    String target = table + " (" + String.join(", ", columns) + ")";
    return new Bulk(inserted.byRow, inserted.fromArrays, Optional.of(target), types);
  }

  private static Bulk insert(String table, List<String> columns, List<ColumnType> types) {
    String into = "insert into " + table + " (" + String.join(", ", columns) + ") ";
    String marks = columns.stream().map(ignored -> "?").collect(Collectors.joining(", "));
    List<String> aliases = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      aliases.add("a" + i);
    }
    return new Bulk(
        into + "values (" + marks + ")",
        into + "select " + String.join(", ", aliases) + " from %s",
        Optional.empty(),
        types);
  }

  private static Bulk delete(String table, String column, ColumnType type) {
    return new Bulk(
        "delete from " + table + " where " + column + " = ?",
        "delete from " + table + " where " + column + " = any(array(select a0 from %s))",
        Optional.empty(),
        List.of(type));
  }

  private static String columns() {
    return String.join(", ", MessageRow.COLUMNS);
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
