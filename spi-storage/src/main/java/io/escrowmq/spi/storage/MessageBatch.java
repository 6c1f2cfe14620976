package io.escrowmq.spi.storage;

import java.util.List;

/**
 * The answer to a read. The messages' bytes are valid until {@link #close()}; take {@link
 * Message#copy()} to keep one longer. Not thread-safe.
 */
public interface MessageBatch extends AutoCloseable {

  /** The messages in offset order, stamped with offset, position and store time. */
  List<Message> messages();

  /** The queue's bounds at the time of the read. */
  QueueBounds bounds();

  /** Releases the bytes. Idempotent. */
  @Override
  void close();

  /** A batch over owned messages, for which closing frees nothing. */
  static MessageBatch owned(List<Message> messages, QueueBounds bounds) {
    return new OwnedMessageBatch(List.copyOf(messages), bounds);
  }
}
