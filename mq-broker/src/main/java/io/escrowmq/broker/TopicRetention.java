package io.escrowmq.broker;

import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import java.time.Duration;
import java.util.Optional;

/**
 * Forgets messages of topics that keep them for less time than the store does. A topic cannot keep
 * them for longer: the store knows no topics. Blocks.
 */
final class TopicRetention {

  private final Storage storage;
  private final Topics topics;
  private final TimeSource time;

  TopicRetention(Storage storage, Topics topics, TimeSource time) {
    this.storage = storage;
    this.topics = topics;
    this.time = time;
  }

  /** One round. */
  void run() {
    for (TopicConfig topic : topics.list()) {
      Optional<Duration> kept = TopicAttributes.reserveTime(topic);
      if (kept.isPresent()) {
        trim(topic, time.nowMs() - kept.get().toMillis());
      }
    }
  }

  private void trim(TopicConfig topic, long beforeMs) {
    WriteBatch.Builder batch = WriteBatch.builder();
    boolean any = false;
    for (int number = 0; number < Math.max(topic.readQueues(), topic.writeQueues()); number++) {
      QueueId queue = new QueueId(topic.name(), number);
      QueueBounds bounds = storage.log().bounds(queue);
      long first =
          bounds.min() == bounds.max()
              ? bounds.max()
              : storage.log().offsetAt(queue, Math.max(0, beforeMs));
      if (first > bounds.min()) {
        batch.add(new Mutation.Trim(queue, first));
        any = true;
      }
    }
    if (any) {
      Failures.await(storage.write(batch.build()));
    }
  }
}
