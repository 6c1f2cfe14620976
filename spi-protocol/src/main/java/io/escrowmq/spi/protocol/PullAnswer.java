package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.QueueBounds;
import java.util.List;

/**
 * The answer to a pull. Must be closed after its messages were encoded.
 *
 * @param messages those that passed the filter, in offset order; bytes valid until closed
 * @param nextOffset where to pull next
 * @param bounds of the queue
 * @param source what backs the messages' bytes
 */
public record PullAnswer(
    Status status, List<Message> messages, long nextOffset, QueueBounds bounds, MessageBatch source)
    implements AutoCloseable {

  /** What a pull can find. */
  public enum Status {
    FOUND,
    /** No message at or after the offset within the waiting time. */
    NOTHING_NEW,
    /** Messages were there, none passed the filter: go on at the next offset at once. */
    NONE_MATCHED,
    /** The offset is outside the queue: go on at the next offset. */
    OFFSET_MOVED
  }

  @Override
  public void close() {
    source.close();
  }
}
