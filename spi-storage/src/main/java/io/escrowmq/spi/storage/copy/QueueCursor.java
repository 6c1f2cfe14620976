package io.escrowmq.spi.storage.copy;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Queue;

/** Walks through a queue, a page at a time. Not thread-safe. */
final class QueueCursor {

  /** By the store time of the next message; ties by queue, so that every run is the same. */
  static final Comparator<QueueCursor> BY_TIME =
      Comparator.<QueueCursor>comparingLong(cursor -> cursor.headTimeMs)
          .thenComparing(cursor -> cursor.queue);

  private final MessageLog log;
  private final QueueId queue;
  private final long end;
  private final ReadLimits page;
  private final Queue<Message> loaded = new ArrayDeque<>();
  private long next;
  private long headTimeMs;

  QueueCursor(MessageLog log, QueueId queue, QueueBounds bounds, ReadLimits page) {
    this.log = log;
    this.queue = queue;
    this.next = bounds.min();
    this.end = bounds.max();
    this.page = page;
  }

  QueueId queue() {
    return queue;
  }

  /** True if there is a next message; then it is loaded. */
  boolean hasNext() {
    if (loaded.isEmpty() && next < end) {
      load();
    }
    Message head = loaded.peek();
    if (head != null) {
      headTimeMs = head.storeTimeMs();
    }
    return head != null;
  }

  /** The next message, after {@link #hasNext()}. */
  Message next() {
    return loaded.remove();
  }

  private void load() {
    try (MessageBatch batch = log.read(queue, next, page)) {
      for (Message message : batch.messages()) {
        if (message.queueOffset() != next) {
          throw unreadable("has offset " + message.queueOffset() + " where " + next + " should be");
        }
        if (next < end) {
          loaded.add(message.copy());
          next++;
        }
      }
    }
    if (loaded.isEmpty()) {
      throw unreadable("has nothing at offset " + next + ", its messages end at " + end);
    }
  }

  private CopyFailure unreadable(String what) {
    return new CopyFailure(
        "queue " + queue + " " + what,
        "If nothing writes to the store, verify it and restore it from a backup or a replica.");
  }
}
