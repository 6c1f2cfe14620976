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
          + " from %s where queue_id = ? and queue_offset >= ? and queue_offset < ?%s"
          + " order by queue_offset fetch first ? rows only";

  private static final String AT =
      "select " + Records.STAMPED + " from mq_message m where m.position = ?";
  private static final String STORE_TIME =
      "select store_ms from mq_message where queue_id = ? and queue_offset = ?";

  private final Readers readers;
  private final Heads heads;
  private final TailCache tail;
  private final Receipts receipts;
  private final Whereabouts whereabouts;

  JdbcLog(Readers readers, Known known, Receipts receipts) {
    this.readers = readers;
    this.heads = known.heads();
    this.tail = known.tail();
    this.receipts = receipts;
    this.whereabouts = new Whereabouts(known.buckets());
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

  /** Looks in the bucket where an earlier offset was found; if that has no more, in all others. */
  private List<Message> read(QueueId queue, QueueHead head, long from, ReadLimits limits) {
    Optional<Bucket> bucket = whereabouts.of(queue, from);
    if (bucket.isPresent()) {
      String one = PAGE.formatted(bucket.get().messages(), "");
      try {
        List<Message> found = read(one, queue, head, from, limits);
        if (!found.isEmpty()) {
          return found;
        }
      } catch (StorageException.Unavailable e) {
        // Dropped in between.
        if (!SqlFailure.isMissingTable(e.getCause())) {
          throw e;
        }
      }
    }
    String after = bucket.map(known -> " and position >= " + known.end()).orElse("");
    List<Message> found = read(PAGE.formatted("mq_message", after), queue, head, from, limits);
    if (!found.isEmpty()) {
      Message first = found.getFirst();
      whereabouts.found(queue, first.queueOffset(), first.position());
    }
    return found;
  }

  /** Reads rows until a limit, and a second time where the first body was too large for that. */
  private List<Message> read(
      String sql, QueueId queue, QueueHead head, long from, ReadLimits limits) {
    int bytes = Math.min(limits.maxBytes(), MOST_BYTES);
    int usual = Math.max(SMALL_BYTES, 2 * bytes / limits.maxMessages());
    Page page = new Page(sql, queue, head, from, bytes);
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
    private final String sql;
    private final QueueId queue;
    private final QueueHead head;
    private final long from;
    private final int limitBytes;
    private final List<Message> messages = new ArrayList<>();
    private int largeBytes;

    private Page(String sql, QueueId queue, QueueHead head, long from, int limitBytes) {
      this.sql = sql;
      this.queue = queue;
      this.head = head;
      this.from = from;
      this.limitBytes = limitBytes;
    }

    private void read(int rows, int mostBodyBytes) {
      readers.query(
          sql,
          statement -> {
            statement.setInt(1, mostBodyBytes);
            statement.setInt(2, head.id());
            statement.setLong(3, from);
            // Offsets have no gaps: no plan, however bad its guess, reads more rows than wanted.
            statement.setLong(4, Math.min(head.next(), from + rows));
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
