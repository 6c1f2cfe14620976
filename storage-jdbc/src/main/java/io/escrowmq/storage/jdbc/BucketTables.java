package io.escrowmq.storage.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The statements that make and drop buckets: partitions of PostgreSQL, whose table definitions
 * belong to the transaction like everything else. Which buckets there are is kept in {@code
 * mq_bucket}.
 */
final class BucketTables {

  /** Nobody who stays idle in a transaction may hold the writer up for longer, milliseconds. */
  private static final int LOCK_TIMEOUT_MS = 200;

  private static final String READ =
      "select bucket_no, first_position, end_position from mq_bucket order by bucket_no";

  /** Only an owner may attach tables. */
  private static final String MAY_CHANGE =
      "select bool_and(pg_has_role(relowner, 'usage')) and has_schema_privilege(current_schema(),"
          + " 'create') from pg_class where oid in ('mq_message'::regclass,"
          + " 'mq_message_key'::regclass)";

  private final Connection connection;

  BucketTables(Connection connection) {
    this.connection = connection;
  }

  List<Bucket> read() throws SQLException {
    List<Bucket> buckets = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(READ)) {
      while (row.next()) {
        buckets.add(
            new Bucket(
                row.getInt("bucket_no"),
                row.getLong("first_position"),
                row.getLong("end_position")));
      }
    }
    return buckets;
  }

  /** True if this role may make and drop buckets. */
  boolean mayChange() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(MAY_CHANGE)) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** What a bucket's messages take on disk, bytes. */
  long bytes(Bucket bucket) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_table_size(?::regclass)")) {
      statement.setString(1, bucket.messages());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  /**
   * Makes a bucket, in the transaction that is open. Does not wait for readers: a table is made
   * first and attached then.
   */
  void create(Bucket bucket) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      hurry(statement);
      create(statement, "mq_message", bucket.messages(), bucket);
      create(statement, "mq_message_key", bucket.keys(), bucket);
      statement.execute(
          "insert into mq_bucket values (%d, %d, %d)"
              .formatted(bucket.no(), bucket.first(), bucket.end()));
    }
  }

  private static void create(Statement statement, String table, String part, Bucket bucket)
      throws SQLException {
    statement.execute("create table %s (like %s including all)".formatted(part, table));
    statement.execute(
        "alter table %s attach partition %s for values from (%d) to (%d)"
            .formatted(table, part, bucket.first(), bucket.end()));
  }

  /**
   * Drops a bucket, in the transaction that is open. Waits a moment for everybody who reads
   * messages.
   */
  void drop(Bucket bucket) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      hurry(statement);
      // In the order in which look-ups by key lock them.
      statement.execute("lock table only mq_message_key, only mq_message in access exclusive mode");
      statement.execute("drop table %s, %s".formatted(bucket.keys(), bucket.messages()));
      statement.execute("delete from mq_bucket where bucket_no = " + bucket.no());
    }
  }

  private static void hurry(Statement statement) throws SQLException {
    statement.execute("set local lock_timeout = " + LOCK_TIMEOUT_MS);
  }
}
