package io.escrowmq.broker;

import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;

/**
 * Fixes where a new group begins that wants only new messages. Left to itself, a client without an
 * offset asks for the queue's end and begins there, so that messages stored between its question
 * and its first commit are skipped again after a restart. Here the end is stored once, at the first
 * heartbeat. Queues that never lost a message need none: their groups begin at 0.
 */
final class StartOffsets {

  private final Storage storage;
  private final Topics topics;
  private final OffsetTable offsets;

  StartOffsets(Storage storage, Topics topics, OffsetTable offsets) {
    this.storage = storage;
    this.topics = topics;
    this.offsets = offsets;
  }

  /** A member subscribed to this topic. Blocks. */
  void subscribed(Heartbeat.Consumer consumer, Subscription subscription) {
    TopicConfig topic = topics.find(subscription.topic());
    if (topic == null
        || consumer.from() != Heartbeat.ConsumeFrom.LAST_OFFSET
        || consumer.model() != Heartbeat.MessageModel.CLUSTERING
        || TopicNames.isRetry(topic.name())) {
      return;
    }
    boolean fixed = false;
    for (int queue = 0; queue < topic.readQueues(); queue++) {
      QueueId id = new QueueId(topic.name(), queue);
      QueueBounds bounds = storage.log().bounds(id);
      if (bounds.min() > 0 && offsets.find(consumer.group(), id).isEmpty()) {
        offsets.commitSoon(consumer.group(), id, bounds.max());
        fixed = true;
      }
    }
    if (fixed) {
      offsets.flush();
    }
  }
}
