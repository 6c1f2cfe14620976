package io.escrowmq.migration;

import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;

/**
 * What a run will do.
 *
 * @param topics by name
 * @param groups by name
 * @param offsets consumer offsets in the target's queues
 * @param notes what an operator should know, a sentence each
 * @param obstacles why nothing can be copied, a sentence each with what to do
 */
record MigrationPlan(
    List<Topic> topics,
    List<GroupConfig> groups,
    List<Offset> offsets,
    List<String> notes,
    List<String> obstacles) {

  MigrationPlan {
    topics = List.copyOf(topics);
    groups = List.copyOf(groups);
    offsets = List.copyOf(offsets);
    notes = List.copyOf(notes);
    obstacles = List.copyOf(obstacles);
  }

  /** A topic as it will be, and its queues in the order of their numbers. */
  record Topic(TopicConfig config, List<Queue> queues) {

    /** Messages to copy. */
    long messages() {
      return queues.stream().mapToLong(Queue::messages).sum();
    }
  }

  /**
   * A queue.
   *
   * @param broker where the source's queue is
   * @param from first offset to copy
   * @param end the offset after the last one to copy; the target's queue ends there
   */
  record Queue(QueueId target, SourceQueue source, SourceBroker broker, long from, long end) {

    long messages() {
      return end - from;
    }
  }

  /** The next offset that a group wants. */
  record Offset(String group, QueueId queue, long offset) {}

  /** All queues. */
  List<Queue> queues() {
    return topics.stream().flatMap(topic -> topic.queues().stream()).toList();
  }

  /** Messages to copy. */
  long messages() {
    return topics.stream().mapToLong(Topic::messages).sum();
  }
}
