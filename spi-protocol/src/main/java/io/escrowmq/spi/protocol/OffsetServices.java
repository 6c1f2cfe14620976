package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Consumer offsets, queue bounds, and look-ups of messages. Blocking. */
public interface OffsetServices {

  /**
   * The group's offset for a queue. Empty if it has none and the client should apply its own
   * starting rule; 0 for a group without offset on a queue that never lost a message, so that
   * nothing is skipped between asking and reading.
   *
   * @param zeroIfYoung the client accepts the 0 described above
   */
  OptionalLong committed(String consumerGroup, QueueId queue, boolean zeroIfYoung);

  /** Stores the group's offset. Durable on return only as far as the store's durability says. */
  void commit(String consumerGroup, QueueId queue, long offset);

  /** First and next offset. */
  QueueBounds bounds(QueueId queue);

  /**
   * The offset for a time.
   *
   * @param upper false: first message stored at or after the time; true: last one at or before it
   */
  long offsetAt(QueueId queue, long timeMs, boolean upper);

  /**
   * Consecutive messages of a queue as owned copies, for people; as many as fit a MiB.
   *
   * @param limit most messages, at least 1
   */
  List<Message> look(QueueId queue, long fromOffset, int limit);

  /** The visible message at an address. */
  Optional<Message> at(long position);

  /** Messages by key or unique id. */
  MessageIndex.Answer find(MessageIndex.Query query);
}
