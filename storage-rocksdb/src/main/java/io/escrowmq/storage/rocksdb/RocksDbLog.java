package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.AppendListener;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Registration;
import io.escrowmq.spi.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads of visible messages. A queue's head is read first: whatever lies within its bounds is in
 * the database then, until retention moves the minimum; so a message that is not found means that
 * the head is worth another look. Reads call the library, which blocks its platform thread on a
 * cold file.
 */
final class RocksDbLog implements MessageLog {

  private static final int MOST_LOOKS = 100;

  private final Database database;
  private final QueueReader queues;
  private final Listeners listeners;

  RocksDbLog(Database database, QueueReader queues, Listeners listeners) {
    this.database = database;
    this.queues = queues;
    this.listeners = listeners;
  }

  @Override
  public MessageBatch read(QueueId queue, long fromOffset, ReadLimits limits) {
    for (int look = 0; look < MOST_LOOKS; look++) {
      Optional<QueueHead> head = queues.head(queue);
      if (head.isEmpty()) {
        return MessageBatch.owned(List.of(), QueueBounds.EMPTY);
      }
      QueueBounds bounds = head.get().bounds();
      if (!isInside(bounds, fromOffset)) {
        return MessageBatch.owned(List.of(), bounds);
      }
      List<Message> messages = take(head.get(), fromOffset, limits);
      if (!messages.isEmpty()) {
        return MessageBatch.owned(messages, bounds);
      }
    }
    throw missing(queue, fromOffset);
  }

  @Override
  public QueueBounds bounds(QueueId queue) {
    return queues.head(queue).map(QueueHead::bounds).orElse(QueueBounds.EMPTY);
  }

  @Override
  public long offsetAt(QueueId queue, long timeMs) {
    for (int look = 0; look < MOST_LOOKS; look++) {
      Optional<QueueHead> head = queues.head(queue);
      if (head.isEmpty()) {
        return 0;
      }
      long found = search(head.get(), timeMs);
      if (found >= 0) {
        return found;
      }
    }
    throw missing(queue, 0);
  }

  @Override
  public Optional<Message> at(long position) {
    byte[] run = database.get(Family.RUNS, Keys.run(Position.run(position)));
    if (run == null || position < 0) {
      return Optional.empty();
    }
    ByteBuffer fields = ByteBuffer.wrap(run);
    int uid = fields.getInt();
    long offset = fields.getLong() + Position.index(position);
    return Optional.ofNullable(queues.bucketOf(uid, offset))
        .flatMap(bucket -> at(bucket, uid, offset));
  }

  /** The message in the bucket, unless it is below its queue's minimum. */
  Optional<Message> at(Bucket bucket, int uid, long offset) {
    return Optional.ofNullable(message(bucket, uid, offset))
        .filter(message -> offset >= bounds(message.queueId()).min());
  }

  @Override
  public List<QueueId> queues(Optional<QueueId> after, int limit) {
    byte[] from = after.map(last -> Keys.after(Keys.queue(last))).orElseGet(() -> new byte[0]);
    List<QueueId> found = new ArrayList<>();
    database.scan(
        Family.QUEUES,
        from,
        (key, value) -> {
          found.add(Keys.queueOf(key));
          return found.size() < limit;
        });
    return found;
  }

  @Override
  public Registration onAppend(AppendListener listener) {
    return listeners.add(listener);
  }

  private List<Message> take(QueueHead head, long from, ReadLimits limits) {
    List<Message> taken = new ArrayList<>();
    Bucket bucket = queues.bucketOf(head, from);
    if (bucket == null) {
      return taken;
    }
    if (limits.maxMessages() == 1) {
      Message only = message(bucket, head.uid(), from);
      return only == null ? taken : List.of(only);
    }
    long[] bytes = {0};
    database.scan(
        bucket,
        Keys.message(head.uid(), from),
        (key, value) -> {
          boolean next =
              Keys.isMessageOf(key, head.uid())
                  && Keys.offsetOfMessage(key) == from + taken.size()
                  && from + taken.size() < head.max();
          bytes[0] += value.length;
          if (!next || !taken.isEmpty() && bytes[0] > limits.maxBytes()) {
            return false;
          }
          taken.add(wrap(value));
          return taken.size() < limits.maxMessages();
        });
    return taken;
  }

  /** The first offset stored at or after the time; -1 if the queue changed under the search. */
  private long search(QueueHead head, long timeMs) {
    long low = head.min();
    long high = head.max();
    while (low < high) {
      long middle = low + (high - low) / 2;
      Bucket bucket = queues.bucketOf(head, middle);
      Message message = bucket == null ? null : message(bucket, head.uid(), middle);
      if (message == null) {
        return -1;
      }
      if (message.storeTimeMs() < timeMs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private @Nullable Message message(Bucket bucket, int uid, long offset) {
    byte[] value = database.get(bucket, Keys.message(uid, offset));
    return value == null ? null : wrap(value);
  }

  private static Message wrap(byte[] value) {
    return Message.wrap(ByteBuffer.wrap(value));
  }

  private static boolean isInside(QueueBounds bounds, long offset) {
    return offset >= bounds.min() && offset < bounds.max();
  }

  private static StorageException missing(QueueId queue, long offset) {
    return new StorageException.Corrupt(
        "queue " + queue + " has no message at offset " + offset + " although its bounds say so");
  }
}
