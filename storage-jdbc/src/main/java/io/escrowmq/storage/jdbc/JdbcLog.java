package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.AppendListener;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Registration;
import io.escrowmq.spi.storage.StorageException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads of visible messages: bounds from memory, messages from the database. Safe on virtual
 * threads.
 */
final class JdbcLog implements MessageLog {

  private static final long MOST_BYTES = 32L << 20;
  private static final int MOST_ATTEMPTS = 5_000;
  private static final long RACE_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Stops inside the database at the row that goes over the limit, before its body is touched. */
  private static final String READ =
      "select * from (select m.*, sum(size_bytes) over (order by queue_offset) as"
          + " running from (select * from mq_message where queue_id = ? and queue_offset >= ? and"
          + " queue_offset < ? order by queue_offset fetch first ? rows only) m) t"
          + " where running <= ? or queue_offset = ? order by queue_offset";

  private static final String AT = "select * from mq_message where position = ?";
  private static final String STORE_TIME =
      "select store_ms from mq_message where queue_id = ? and queue_offset = ?";

  private final Readers readers;
  private final Heads heads;
  private final Receipts receipts;

  JdbcLog(Readers readers, Heads heads, Receipts receipts) {
    this.readers = readers;
    this.heads = heads;
    this.receipts = receipts;
  }

  @Override
  public MessageBatch read(QueueId queue, long fromOffset, ReadLimits limits) {
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      readers.checkOpen();
      QueueHead head = heads.find(queue);
      if (head == null) {
        return MessageBatch.owned(List.of(), QueueBounds.EMPTY);
      }
      QueueBounds bounds = new QueueBounds(head.min(), head.next());
      if (fromOffset < bounds.min() || fromOffset >= bounds.max()) {
        return MessageBatch.owned(List.of(), bounds);
      }
      List<Message> messages = read(queue, head, fromOffset, limits);
      if (!messages.isEmpty() && messages.getFirst().queueOffset() == fromOffset) {
        return MessageBatch.owned(messages, bounds);
      }
      // Trimmed in between; the new bounds are about to be published.
      LockSupport.parkNanos(RACE_NS);
    }
    throw new StorageException.Corrupt(
        "the database has no message at offset " + fromOffset + " of queue " + queue);
  }

  @Override
  public QueueBounds bounds(QueueId queue) {
    readers.checkOpen();
    return heads.bounds(queue);
  }

  @Override
  public long offsetAt(QueueId queue, long timeMs) {
    readers.checkOpen();
    QueueHead head = heads.find(queue);
    return head == null
        ? 0
        : readers.read(connection -> {
          long low = head.min();
          long high = head.next();
          try (var statement = connection.prepareStatement(STORE_TIME)) {
            statement.setInt(1, head.id());
            while (low < high) {
              long middle = (low + high) >>> 1;
              statement.setLong(2, middle);
              try (ResultSet row = statement.executeQuery()) {
                // A message that is gone meanwhile was too old in any case.
                if (!row.next() || row.getLong(1) < timeMs) {
                  low = middle + 1;
                } else {
                  high = middle;
                }
              }
            }
          }
          return low;
        });
  }

  @Override
  public Optional<Message> at(long position) {
    return readers.list(AT, statement -> statement.setLong(1, position), this::stamped).stream()
        .findFirst();
  }

  @Override
  public List<QueueId> queues(Optional<QueueId> after, int limit) {
    readers.checkOpen();
    return heads.begun(after, limit);
  }

  @Override
  public Registration onAppend(AppendListener listener) {
    return receipts.add(listener);
  }

  /** A row of {@code mq_message} as it is given to readers. */
  Message stamped(ResultSet row) throws SQLException {
    int id = row.getInt("queue_id");
    QueueId queue =
        heads.name(id).orElseThrow(() -> new SQLException("a message of unknown queue " + id));
    return MessageRow.read(row)
        .message(queue)
        .stamped(row.getLong("queue_offset"), row.getLong("position"), row.getLong("store_ms"));
  }

  private List<Message> read(QueueId queue, QueueHead head, long from, ReadLimits limits) {
    return readers.list(
        READ,
        statement -> {
          statement.setInt(1, head.id());
          statement.setLong(2, from);
          statement.setLong(3, head.next());
          statement.setInt(4, limits.maxMessages());
          statement.setLong(5, Math.min(limits.maxBytes(), MOST_BYTES));
          statement.setLong(6, from);
        },
        row ->
            MessageRow.read(row)
                .message(queue)
                .stamped(
                    row.getLong("queue_offset"), row.getLong("position"), row.getLong("store_ms")));
  }
}
