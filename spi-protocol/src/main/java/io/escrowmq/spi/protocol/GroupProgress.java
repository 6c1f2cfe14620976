package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.QueueId;
import java.util.Map;

/** How far consumer groups are, as operators see it. Blocking, thread-safe. */
public interface GroupProgress {

  /** How far a consumer group is, for every queue where it has an offset. */
  Map<QueueId, Long> of(String consumerGroup);

  /** How far every consumer group is; one look at the store. In name order. */
  Map<String, Map<QueueId, Long>> all();

  /**
   * Tells the members that are online that the group was moved: they would go on where they are and
   * overwrite it. Stores nothing.
   *
   * @param offsets of queues of the topic
   */
  void announce(String consumerGroup, String topic, Map<QueueId, Long> offsets);
}
