package io.escrowmq.spi.storage;

import java.util.List;
import java.util.Optional;

/**
 * Visible messages. Thread-safe. Reads may block for I/O: call them on virtual threads, not on
 * event loops.
 */
public interface MessageLog {

  /**
   * Reads consecutive messages of a queue, beginning at the offset. Within the bounds the answer
   * has at least one message, whatever its size; outside it is empty. An unknown queue is an empty
   * queue.
   */
  MessageBatch read(QueueId queue, long fromOffset, ReadLimits limits);

  /** First readable offset and next offset to be given; (0, 0) for an unknown queue. */
  QueueBounds bounds(QueueId queue);

  /**
   * The first offset whose message was stored at or after the time; the queue's max if there is
   * none.
   */
  long offsetAt(QueueId queue, long timeMs);

  /** The visible message at the address that a receipt gave, as an owned copy. */
  Optional<Message> at(long position);

  /**
   * Queues whose next offset is not 0, in an order of the engine's own, beginning after the queue.
   *
   * @param after the last queue of the previous page; empty for the first page
   */
  List<QueueId> queues(Optional<QueueId> after, int limit);

  /** Registers a listener until the registration is closed. */
  Registration onAppend(AppendListener listener);
}
