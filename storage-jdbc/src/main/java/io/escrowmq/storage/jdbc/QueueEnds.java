package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.QueueId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The heads of all queues as the database has them, for a server that takes the store over. */
final class QueueEnds {

  /** Not {@code max(queue_offset)}: MariaDB looks at every message for that. */
  private static final String ALL =
      "select q.queue_id, q.topic, q.queue_no, q.min_offset, coalesce((select"
          + " m.queue_offset + 1 from mq_message m where m.queue_id = q.queue_id order by"
          + " m.queue_offset desc fetch first 1 rows only), q.next_if_empty) as next_offset"
          + " from mq_queue q";

  private static final String QUEUES =
      "select queue_id, topic, queue_no, min_offset, next_if_empty as next_offset from mq_queue";

  private final Connection connection;
  private final Map<Integer, QueueId> names = new HashMap<>();
  private final Map<Integer, QueueHead> heads = new HashMap<>();

  private QueueEnds(Connection connection) {
    this.connection = connection;
  }

  /** Reads them all; a queue without messages keeps its next offset in its own row. */
  static Map<QueueId, QueueHead> read(Connection connection, List<Bucket> buckets)
      throws SQLException {
    QueueEnds ends = new QueueEnds(connection);
    if (buckets.isEmpty()) {
      ends.queues(ALL);
    } else {
      ends.queues(QUEUES);
      ends.lookIn(buckets);
    }
    Map<QueueId, QueueHead> found = new HashMap<>();
    ends.heads.forEach((id, head) -> found.put(ends.names.get(id), head));
    return found;
  }

  private void queues(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        int id = row.getInt("queue_id");
        names.put(id, new QueueId(row.getString("topic"), row.getInt("queue_no")));
        heads.put(id, new QueueHead(id, row.getLong("min_offset"), row.getLong("next_offset")));
      }
    }
  }

  /** The newest bucket that has messages of a queue has its newest: most are found at once. */
  private void lookIn(List<Bucket> buckets) throws SQLException {
    List<Integer> wanted = List.copyOf(heads.keySet());
    for (Bucket bucket : buckets.reversed()) {
      if (wanted.isEmpty()) {
        return;
      }
      wanted = lookIn(bucket, wanted);
    }
  }

  private List<Integer> lookIn(Bucket bucket, List<Integer> wanted) throws SQLException {
    List<Integer> missing = new ArrayList<>();
    // One step in an index for each queue.
    String sql =
        ("select q.queue_id, (select max(m.queue_offset) + 1 from %s m where m.queue_id ="
                + " q.queue_id) from unnest(?) as q(queue_id)")
            .formatted(bucket.messages());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("int4", wanted.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          int id = row.getInt(1);
          long next = row.getLong(2);
          if (row.wasNull()) {
            missing.add(id);
          } else {
            heads.computeIfPresent(id, (key, head) -> new QueueHead(key, head.min(), next));
          }
        }
      }
    }
    return missing;
  }
}
