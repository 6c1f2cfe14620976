package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.IntakeFigures;
import io.escrowmq.spi.storage.IntakeRow;
import io.escrowmq.spi.storage.IntakeScope;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads an intake table and takes rows out of it, on connections of a pool. */
final class IntakeRows {

  /** The version of the tables that this server works with. */
  static final int VERSION = 1;

  private static final String COLUMNS =
      "id, topic, body, message_keys, tags, properties, ordering_key, deliver_at_ms,"
          + " enqueued_at_ms";

  /** What is read; of a row that is no message nothing that may be longer than memory. */
  private static final String READABLE =
      "id, left(topic, 128) as topic, case when defect = '' then body end as body,"
          + " case when defect = '' then message_keys end as message_keys,"
          + " case when defect = '' then tags end as tags,"
          + " case when defect = '' then properties end as properties,"
          + " case when defect = '' then ordering_key end as ordering_key,"
          + " deliver_at_ms, enqueued_at_ms, defect, bytes";

  private final Readers readers;
  private final Dialect dialect;
  private final IntakeScope scope;
  private final String owner;
  private final TimeSource time;
  private final IntakeFloor floor;
  private volatile @Nullable String prefix;

  /**
   * The rows of a table.
   *
   * @param owner which store takes them, for people and for other stores; empty for the one in the
   *     schema of the connections
   */
  IntakeRows(Readers readers, Dialect dialect, IntakeScope scope, String owner, TimeSource time) {
    this.readers = readers;
    this.dialect = dialect;
    this.scope = scope;
    this.owner = owner;
    this.time = time;
    this.floor = new IntakeFloor(time.nanos());
  }

  IntakeScope scope() {
    return scope;
  }

  Readers readers() {
    return readers;
  }

  /** The name of one of the tables as it stands in statements. */
  String table(String suffix) {
    String known = prefix;
    if (known == null) {
      known = readers.read(this::findPrefix);
      prefix = known;
    }
    return known + "escrow_intake" + suffix;
  }

  /** Finds out whether the tables are fit for use, and makes this store the one that uses them. */
  long check() {
    // Another server may stand in for the one that was there.
    floor.forget();
    try {
      State found =
          readers
              .list(
                  "select version, source, store from " + table("_state"),
                  statement -> {},
                  row -> new State(row.getInt(1), row.getLong(2), row.getString(3)))
              .getFirst();
      if (found.version != VERSION) {
        throw unusable(
            "the intake tables have version " + found.version + ", this server knows " + VERSION,
            "Start a server that knows them, or drop them while they are empty and make them anew: "
                + ddl());
      }
      readers
          .read(connection -> dialect.intake().missingRights(connection, this::table))
          .ifPresent(missing -> {
            throw unusable(
                "the server's role may not use the intake: " + missing,
                "Let an administrator grant what the end of this script names: " + ddl());
          });
      claim(found.store);
      return found.source;
    } catch (StorageException.Unavailable e) {
      throw explained(e);
    }
  }

  private record State(int version, long source, String store) {}

  private void claim(String store) {
    String self = owner.isEmpty() ? readers.read(c -> Engine.ownerIn(c.getSchema())) : owner;
    if (store.equals(self)) {
      return;
    }
    int claimed =
        update(
            "update " + table("_state") + " set store = ? where store = ''",
            statement -> statement.setString(1, self));
    if (claimed == 0) {
      throw unusable(
          "the rows of " + table("") + " are moved by another store: " + store,
          "Let one store move them. To hand them over, stop the other server, then: update "
              + table("_state")
              + " set store = ''.");
    }
  }

  List<IntakeRow> read(int maxRows, long maxBytes) {
    boolean floors = dialect.intake().knowsTransactions();
    floor.look(time.nanos());
    // Without a backlog few rows are left above the floor: they are found by their transactions.
    String order = floors && !floor.backlog() ? "id + 0" : "id";
    String seen =
        "(select *, sum(octet_length(body)) over (order by id) as bytes from (select *, "
            + dialect.intake().defect()
            + " as defect from "
            + table("")
            + where()
            + " order by "
            + order
            + " limit ?) sized) counted where bytes - octet_length(body) < ?";
    String sql =
        floors
            ? "select seen.horizon::text::bigint as horizon, found.*, found.tx::text::bigint as tx_number from"
                + " (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) seen left join (select "
                + READABLE
                + ", tx from "
                + seen
                + ") found on true order by found.id"
            : "select " + READABLE + " from " + seen + " order by id";
    return readers.query(
        sql,
        statement -> {
          int next = since(statement, 1);
          statement.setInt(next, maxRows);
          statement.setLong(next + 1, maxBytes);
        },
        rows -> {
          Look look = new Look(rows, floors);
          if (floors) {
            boolean cut = look.found.size() >= maxRows || look.bytes >= maxBytes;
            floor.looked(look.horizon, look.least, cut);
          }
          return look.found;
        });
  }

  /** Which rows there can be that belong here. */
  private String where() {
    String part = scope.parts() == 1 ? "" : " and " + dialect.intake().inPart(scope);
    String since = dialect.intake().knowsTransactions() ? "tx >= cast(? as text)::xid8" : "1 = 1";
    return " where " + since + part;
  }

  /** Sets the parameter of {@link #where}, if it has one; the index of the next. */
  private int since(PreparedStatement statement, int index) throws SQLException {
    if (!dialect.intake().knowsTransactions()) {
      return index;
    }
    statement.setString(index, Long.toString(floor.number()));
    return index + 1;
  }

  /** What one read found. */
  private static final class Look {
    private final List<IntakeRow> found = new ArrayList<>();
    private long horizon;
    private long least = Long.MAX_VALUE;
    private long bytes;

    private Look(ResultSet rows, boolean floors) throws SQLException {
      while (rows.next()) {
        if (floors) {
          horizon = rows.getLong("horizon");
          if (rows.getObject("id") == null) {
            return;
          }
          least = Math.min(least, rows.getLong("tx_number"));
          bytes = Math.max(bytes, rows.getLong("bytes"));
        }
        found.add(row(rows));
      }
    }
  }

  /** Removes rows in a transaction of its own. */
  void remove(List<Long> ids) {
    Long[] values = ids.toArray(Long[]::new);
    int _ =
        update(
            "delete from " + table("") + " where " + dialect.isOneOf("id", values),
            statement -> dialect.setOneOf(statement, 1, ColumnType.LONG, values));
  }

  /** Puts a row aside. */
  void reject(long id, String reason) {
    String copy =
        "insert into "
            + table("_rejected")
            + " ("
            + COLUMNS
            + ", rejected_at_ms, reason) select "
            + COLUMNS
            + ", ?, ? from "
            + table("")
            + " where id = ?";
    Boolean _ =
        readers.read(connection -> {
          connection.setAutoCommit(false);
          try (PreparedStatement insert = connection.prepareStatement(copy);
              PreparedStatement delete =
                  connection.prepareStatement("delete from " + table("") + " where id = ?")) {
            delete.setLong(1, id);
            insert.setLong(1, time.nowMs());
            insert.setString(2, reason);
            insert.setLong(3, id);
            boolean both = insert.executeUpdate() == 1 && delete.executeUpdate() == 1;
            if (both) {
              connection.commit();
            } else {
              connection.rollback();
            }
            return both;
          } catch (SQLException e) {
            connection.rollback();
            throw e;
          } finally {
            connection.setAutoCommit(true);
          }
        });
  }

  IntakeFigures figures() {
    int most = IntakeFigures.MOST_COUNTED;
    String part = where();
    String sql =
        "select (select count(*) from (select 1 as one from "
            + table("")
            + part
            + " limit ?) w), (select count(*) from (select 1 as one from "
            + table("_rejected")
            + " limit ?) r), (select min(enqueued_at_ms) from (select enqueued_at_ms from "
            + table("")
            + part
            + " order by id limit 1) o)";
    return readers.query(
        sql,
        statement -> {
          int next = since(statement, 1);
          statement.setInt(next, most);
          statement.setInt(next + 1, most);
          int _ = since(statement, next + 2);
        },
        row -> {
          if (!row.next()) {
            return IntakeFigures.NONE;
          }
          long oldest = row.getLong(3);
          long ageMs = row.wasNull() ? 0 : Math.max(0, time.nowMs() - oldest);
          return new IntakeFigures(row.getLong(1), ageMs, row.getLong(2));
        });
  }

  int update(String sql, Readers.Binding binding) {
    return readers.read(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        binding.bind(statement);
        return statement.executeUpdate();
      }
    });
  }

  private String findPrefix(Connection connection) throws SQLException {
    String schema = scope.schema().isEmpty() ? connection.getSchema() : scope.schema();
    return schema == null || schema.isEmpty() ? "" : SchemaNames.quoted(schema) + ".";
  }

  private static IntakeRow row(ResultSet row) throws SQLException {
    Map<String, String> properties = new LinkedHashMap<>();
    String defect = row.getString("defect");
    try {
      String json = row.getString("properties");
      if (json != null) {
        properties.putAll(JsonProperties.read(json));
      }
    } catch (IllegalArgumentException e) {
      defect = String.valueOf(e.getMessage());
    }
    put(properties, MessageProperties.KEYS, row.getString("message_keys"));
    put(properties, MessageProperties.TAGS, row.getString("tags"));
    String key = row.getString("ordering_key");
    byte[] body = row.getBytes("body");
    return new IntakeRow(
        row.getLong("id"),
        row.getString("topic"),
        key == null ? "" : key,
        row.getLong("deliver_at_ms"),
        row.getLong("enqueued_at_ms"),
        properties,
        body == null ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body),
        defect);
  }

  private static void put(Map<String, String> properties, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      properties.put(name, value);
    }
  }

  /** A database that answers, but not with what is needed, is an administrator's business. */
  private StorageException explained(StorageException.Unavailable failure) {
    if (failure.getCause() instanceof SQLException sql && sql.getSQLState() != null) {
      String state = sql.getSQLState();
      if (state.startsWith("28")) {
        return unusable(
            "the database of the intake does not let the server in: " + SqlFailure.firstLine(sql),
            "Correct the username and password of the intake's settings, or create the role.");
      }
      if (state.equals("42501")) {
        return unusable(
            "the server's role may not read the intake: " + SqlFailure.firstLine(sql),
            "Let an administrator grant what the end of this script names: " + ddl());
      }
      if (state.startsWith("42") || state.startsWith("3F") || state.equals("90079")) {
        return unusable(
            "there is no intake: " + SqlFailure.firstLine(sql),
            "Let an administrator run what " + ddl() + " prints, or correct the intake's schema.");
      }
    }
    return failure;
  }

  private String ddl() {
    String schema = scope.schema().isEmpty() ? "..." : scope.schema();
    return "./mq intake ddl --vendor " + dialect.vendor() + " --schema " + schema;
  }

  private static StorageException.Unavailable unusable(String what, String remedy) {
    return new StorageException.Unavailable(StorageException.Kind.FATAL, what, remedy);
  }
}
