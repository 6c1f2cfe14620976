package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import java.util.List;

/**
 * The answer to a pop. Must be closed after its messages were encoded.
 *
 * @param messages in offset order within each queue, saying themselves how often they were given
 *     back; bytes valid until closed
 * @param lease for all of them
 * @param rest how many more messages wait for the group, as far as was looked
 * @param sources what backs the messages' bytes
 */
public record PopAnswer(
    Status status, List<Message> messages, PopLease lease, long rest, List<MessageBatch> sources)
    implements AutoCloseable {

  public PopAnswer {
    messages = List.copyOf(messages);
    sources = List.copyOf(sources);
  }

  /** What a pop can find. */
  public enum Status {
    FOUND,
    /** Nothing within the waiting time. */
    NOTHING_NEW,
    /** Nothing now, and too many requests wait already. */
    TOO_MANY_WAITING
  }

  @Override
  public void close() {
    sources.forEach(MessageBatch::close);
  }
}
