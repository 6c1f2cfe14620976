package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which queues a name has: of a topic's queues every {@code count}-th, beginning with {@code
 * index}, numbered from 0. So a topic that grows keeps the numbers of the queues that it had.
 *
 * @param index of the name, 0 to {@code count - 1}
 * @param count names
 */
record Share(int index, int count) {

  /**
   * Queues of other names, where a message has to be told with one, are numbered from here on. No
   * topic has so many.
   */
  static final int FOREIGN = 1 << 24;

  /** The broker's number of a queue that this name has. */
  int inner(int shown) {
    return shown >= FOREIGN ? shown - FOREIGN : shown * count + index;
  }

  QueueId inner(QueueId shown) {
    return new QueueId(shown.topic(), inner(shown.queue()));
  }

  /** The number under which this name shows one of the broker's queues. */
  int shown(int inner) {
    return inner % count == index ? inner / count : FOREIGN + inner;
  }

  QueueId shown(QueueId inner) {
    return new QueueId(inner.topic(), shown(inner.queue()));
  }

  boolean has(QueueId inner) {
    return inner.queue() % count == index;
  }

  /** How many of so many queues this name has. */
  int of(int queues) {
    return (queues - index + count - 1) / count;
  }

  /** A topic as this name shows it; it may have no queue here. */
  TopicConfig shown(TopicConfig topic) {
    return withQueues(topic, of(topic.readQueues()), of(topic.writeQueues()));
  }

  /** The same topic with other numbers of queues. */
  static TopicConfig withQueues(TopicConfig topic, int readQueues, int writeQueues) {
    return new TopicConfig(
        topic.name(),
        readQueues,
        writeQueues,
        topic.permission(),
        topic.systemFlag(),
        topic.ordered(),
        topic.attributes());
  }

  /** So many queues that this name has as many as wanted; as it is now if that is so already. */
  int total(int wantedHere, int now) {
    return of(now) == wantedHere ? now : wantedHere * count;
  }

  Message shown(Message message) {
    return message.withQueue(shown(message.queue()));
  }

  List<Message> shown(List<Message> messages) {
    return messages.stream().map(this::shown).toList();
  }

  List<QueueId> inner(Collection<QueueId> shown) {
    return shown.stream().map(this::inner).toList();
  }

  Set<QueueId> shown(Set<QueueId> inner) {
    return inner.stream().filter(this::has).map(this::shown).collect(Collectors.toSet());
  }

  /** What this name has of a table by queue. */
  <T> Map<QueueId, T> shown(Map<QueueId, T> inner) {
    Map<QueueId, T> mine = new HashMap<>();
    inner.forEach((queue, value) -> {
      if (has(queue)) {
        mine.put(shown(queue), value);
      }
    });
    return mine;
  }

  /** The same of a table of tables. */
  <T> Map<String, Map<QueueId, T>> shownByName(Map<String, Map<QueueId, T>> inner) {
    Map<String, Map<QueueId, T>> mine = new TreeMap<>();
    inner.forEach((name, table) -> mine.put(name, shown(table)));
    return mine;
  }
}
