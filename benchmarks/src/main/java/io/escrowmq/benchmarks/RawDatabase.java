package io.escrowmq.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * What a database gives to the simplest program on one connection: inserts of many rows like the
 * engine's into a table with the same columns and indexes, a commit after each, and ordered selects
 * of them.
 */
final class RawDatabase implements AutoCloseable {

  /** Columns with their types, which {@link RawVendor} names. */
  private static final String[][] COLUMNS = {
    {"queue_id", "int"},
    {"queue_offset", "long"},
    {"position", "long"},
    {"store_ms", "long"},
    {"size_bytes", "int"},
    {"born_ms", "long"},
    {"born_host", "name"},
    {"store_host", "name"},
    {"flag", "int"},
    {"system_flag", "int"},
    {"reconsume_times", "int"},
    {"prepared_offset", "long"},
    {"unique_key", "text"},
    {"message_keys", "text"},
    {"tags", "text"},
    {"properties", "text"},
    {"body_crc", "int"},
    {"body", "bytes"},
    {"exact", "bytes"},
  };

  private static final String PROPERTIES = "{\"UNIQ_KEY\":\"0123456789ABCDEF0123456789\"}";

  private static final long PACE_NANOS = 20_000;

  private final RawVendor vendor;
  private final Connection connection;
  private final int queues;
  private final byte[] body;
  private final long[] nextOffsets;
  private long position;
  private int selectQueue;
  private long selectOffset;

  RawDatabase(String url, int queues, byte[] body) throws SQLException {
    this.vendor = RawVendor.of(url);
    this.connection = DriverManager.getConnection(vendor.url(url));
    this.queues = queues;
    this.body = body;
    this.nextOffsets = new long[queues];
    create();
    connection.setAutoCommit(false);
  }

  private void create() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists raw_message");
      StringBuilder columns = new StringBuilder();
      for (String[] column : COLUMNS) {
        columns.append(column[0]).append(' ').append(vendor.type(column[1])).append(", ");
      }
      statement.execute(
          "create table raw_message (" + columns + "primary key (queue_id, queue_offset))");
      vendor.addIndexes(statement);
    }
  }

  /** Begins again, with an empty table and no tables of the engine, which makes its own. */
  void dropAll() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      vendor.dropAll(statement);
      create();
      connection.commit();
    }
    Arrays.fill(nextOffsets, 0);
    position = 0;
  }

  /** Leaves all tables as they are some time after they were written. */
  void vacuum() throws SQLException {
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement()) {
      vendor.vacuum(statement);
    } finally {
      connection.setAutoCommit(false);
    }
  }

  /** Name, version and the settings that decide what a commit costs. */
  String version() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return vendor.version(statement);
    } finally {
      connection.commit();
    }
  }

  /**
   * A commit after each batch, over and over.
   *
   * @param rate most rows a second; 0 for as fast as it goes
   */
  Measurement insert(int batch, double rate, Duration length) throws SQLException {
    return insert(batch, rate, length, new Histogram(3));
  }

  /**
   * The same, and what one waits whose rows come at that rate whatever the database does.
   *
   * @param fromDue where the nanoseconds from the time a commit was due to its end are added
   */
  Measurement insert(int batch, double rate, Duration length, Histogram fromDue)
      throws SQLException {
    Histogram latency = new Histogram(3);
    long start = System.nanoTime();
    long rows = 0;
    while (System.nanoTime() - start < length.toNanos()) {
      long due = rate > 0 ? start + (long) (rows * 1e9 / rate) : System.nanoTime();
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(PACE_NANOS);
      }
      long begin = System.nanoTime();
      insert(batch);
      connection.commit();
      long end = System.nanoTime();
      latency.recordValue(end - begin);
      fromDue.recordValue(end - due);
      rows += batch;
    }
    return new Measurement(rows, rows * body.length, System.nanoTime() - start, latency);
  }

  private void insert(int batch) throws SQLException {
    String[] types = new String[COLUMNS.length];
    Object[][] columns = new Object[COLUMNS.length][];
    for (int i = 0; i < COLUMNS.length; i++) {
      types[i] = COLUMNS[i][1];
      columns[i] = values(COLUMNS[i][0], batch);
    }
    vendor.insert(connection, types, columns);
  }

  private Object[] values(String column, int batch) {
    return switch (column) {
      case "queue_id" -> filled(new Integer[batch], i -> i % queues);
      case "queue_offset" -> filled(new Long[batch], i -> nextOffsets[i % queues]++);
      case "position" -> filled(new Long[batch], i -> ++position);
      case "store_ms", "born_ms" -> filled(new Long[batch], i -> 1_700_000_000_000L);
      case "prepared_offset" -> filled(new Long[batch], i -> 0L);
      case "size_bytes", "flag", "system_flag", "reconsume_times", "body_crc" ->
          filled(new Integer[batch], i -> 1);
      case "born_host", "store_host" -> filled(new String[batch], i -> "127.0.0.1:40000");
      case "properties" -> filled(new String[batch], i -> PROPERTIES);
      case "body" -> filled(new byte[batch][], i -> body);
      case "exact" -> new byte[batch][];
      default -> new String[batch];
    };
  }

  private interface Value<T> {
    T of(int index);
  }

  private static <T> T[] filled(T[] values, Value<T> value) {
    for (int i = 0; i < values.length; i++) {
      values[i] = value.of(i);
    }
    return values;
  }

  /** Reads the rows of a queue in order, page by page, then those of the next; over and over. */
  Measurement select(int page, Duration length) throws SQLException {
    connection.setAutoCommit(true);
    Histogram latency = new Histogram(3);
    long start = System.nanoTime();
    long rows = 0;
    long bytes = 0;
    try (PreparedStatement select =
        connection.prepareStatement(
            "select * from raw_message where queue_id = ? and queue_offset >= ?"
                + " order by queue_offset limit ?")) {
      while (System.nanoTime() - start < length.toNanos()) {
        long begin = System.nanoTime();
        select.setInt(1, selectQueue);
        select.setLong(2, selectOffset);
        select.setInt(3, page);
        int found = 0;
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            found++;
            bytes += row.getBytes("body").length;
          }
        }
        rows += found;
        selectOffset += found;
        if (found == 0) {
          selectQueue = (selectQueue + 1) % queues;
          selectOffset = 0;
        }
        latency.recordValue(System.nanoTime() - begin);
      }
    } finally {
      connection.setAutoCommit(false);
    }
    return new Measurement(rows, bytes, System.nanoTime() - start, latency);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
