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
import io.escrowmq.storage.jdbc.Records.Stamp;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads of visible messages: bounds and the newest messages from memory, the others from the
 * database. Safe on virtual threads.
 */
final class JdbcLog implements MessageLog {

  private static final int MOST_BYTES = 32 << 20;
  private static final int MOST_ATTEMPTS = 5_000;
  private static final long RACE_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Bodies up to this size always come with their rows, bytes. */
  private static final int SMALL_BYTES = 4096;

  /** The message columns; a body over a size stays in the database. */
  private static final String PAGE =
      "select queue_offset, position, store_ms, "
          + Records.COLUMNS.replaceFirst(
              ", body$", ", case when size_bytes <= ? then body end as body")
          + " from mq_message where queue_id = ? and queue_offset >= ? and queue_offset < ?"
          + " order by queue_offset fetch first ? rows only";

  private static final String AT =
      "select " + Records.STAMPED + " from mq_message m where m.position = ?";
  private static final String STORE_TIME =
      "select store_ms from mq_message where queue_id = ? and queue_offset = ?";

  private final Readers readers;
  private final Heads heads;
  private final TailCache tail;
  private final Receipts receipts;

  JdbcLog(Readers readers, Heads heads, TailCache tail, Receipts receipts) {
    this.readers = readers;
    this.heads = heads;
    this.tail = tail;
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
      List<Message> recent = tail.read(queue, fromOffset, bounds.max(), limits);
      if (!recent.isEmpty()) {
        return MessageBatch.owned(recent, bounds);
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
    return readers
        .list(AT, statement -> statement.setLong(1, position), Records.stamped(heads))
        .stream()
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

  /** Reads rows until a limit, and a second time where the first body was too large for that. */
  private List<Message> read(QueueId queue, QueueHead head, long from, ReadLimits limits) {
    int bytes = Math.min(limits.maxBytes(), MOST_BYTES);
    int usual = Math.max(SMALL_BYTES, 2 * bytes / limits.maxMessages());
    Page page = new Page(queue, head, from, bytes);
    page.read(limits.maxMessages(), usual);
    if (page.messages.isEmpty() && page.largeBytes > 0) {
      int rows = Math.clamp(bytes / page.largeBytes, 1, limits.maxMessages());
      page.read(rows, 2 * page.largeBytes);
    }
    return page.messages;
  }

  /**
   * One answer. The driver keeps all rows of a query in memory: rows times the largest body that
   * comes with its row must stay near the limit, whatever the sizes of the messages.
   */
  private final class Page {
    private final QueueId queue;
    private final QueueHead head;
    private final long from;
    private final int limitBytes;
    private final List<Message> messages = new ArrayList<>();
    private int largeBytes;

    private Page(QueueId queue, QueueHead head, long from, int limitBytes) {
      this.queue = queue;
      this.head = head;
      this.from = from;
      this.limitBytes = limitBytes;
    }

    private void read(int rows, int mostBodyBytes) {
      readers.query(
          PAGE,
          statement -> {
            statement.setInt(1, mostBodyBytes);
            statement.setInt(2, head.id());
            statement.setLong(3, from);
            statement.setLong(4, head.next());
            statement.setInt(5, rows);
          },
          row -> {
            collect(row, mostBodyBytes);
            return messages;
          });
    }

    private void collect(ResultSet row, int mostBodyBytes) throws SQLException {
      Records records = new Records();
      long bytes = 0;
      while (row.next()) {
        int size = row.getInt(4);
        bytes += size;
        if (!messages.isEmpty() && bytes > limitBytes) {
          return;
        }
        if (size > mostBodyBytes) {
          largeBytes = size;
          return;
        }
        messages.add(records.read(row, 4, queue, Stamp.read(row, 1)));
      }
    }
  }
}
