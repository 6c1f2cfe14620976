package io.escrowmq.broker.pop;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import java.util.List;

/**
 * What a request got from one queue.
 *
 * @param sources what backs the messages; to be closed by whoever has them last
 * @param rest how many messages more the group could get there
 * @param unfinished nothing was found because looking took too long: look again
 */
record Taken(List<Message> messages, List<MessageBatch> sources, long rest, boolean unfinished) {

  static final Taken NOTHING = new Taken(List.of(), List.of(), 0, false);

  void close() {
    sources.forEach(MessageBatch::close);
  }
}
