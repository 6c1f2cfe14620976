package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueRef;
import io.escrowmq.protocol.remoting.request.ResponseBodies;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Flow.Kind;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** How far groups are, as tools read it. */
final class ProgressBodies {
  private final BrokerServices services;

  ProgressBodies(BrokerServices services) {
    this.services = services;
  }

  /**
   * Answer to request 208: every queue of these topics.
   *
   * @param offsets what the group has committed, anywhere
   */
  byte[] of(String group, Set<String> topics, Map<QueueId, Long> offsets) {
    JsonWriter json = new JsonWriter(256 * (1 + offsets.size()));
    write(json, group, topics, new Known(offsets, readQueues()));
    return json.toBytes();
  }

  /** Answer to request 317: how far each group is. */
  byte[] all(GroupDirectory groups, boolean onlyOrdered) {
    long total = 0;
    Map<String, Map<QueueId, Long>> offsets = groups.progress().all();
    Map<String, Integer> readQueues = readQueues();
    JsonWriter json = new JsonWriter(4096).startObject();
    json.member("brokerAddr", TopicRequests.address(services.identity().address()));
    json.name("consumeStatsList").startArray();
    for (GroupConfig group : groups.list()) {
      if (onlyOrdered && !group.ordered()) {
        continue;
      }
      json.startObject().name(group.name()).startArray();
      Map<QueueId, Long> ofGroup = offsets.getOrDefault(group.name(), Map.of());
      for (String topic : new TreeSet<>(topics(ofGroup))) {
        total += write(json, group.name(), Set.of(topic), new Known(ofGroup, readQueues));
      }
      json.endArray().endObject();
    }
    return json.endArray()
        .member("totalDiff", total)
        .member("totalInflightDiff", 0)
        .endObject()
        .toBytes();
  }

  /** Answer to request 43: {@code topic@group} to queue to offset. */
  byte[] allOffsets(GroupDirectory groups) {
    JsonWriter json = new JsonWriter(4096).startObject().name("offsetTable").startObject();
    Map<String, Map<QueueId, Long>> offsets = groups.progress().all();
    for (GroupConfig group : groups.list()) {
      for (Map<QueueId, Long> ofTopic : byTopic(offsets.getOrDefault(group.name(), Map.of()))) {
        String topic = ofTopic.keySet().iterator().next().topic();
        json.name(topic + "@" + group.name()).startObject();
        ofTopic.forEach((queue, offset) -> json.numericName(queue.queue(), true).number(offset));
        json.endObject();
      }
    }
    return json.endObject().endObject().toBytes();
  }

  private static List<Map<QueueId, Long>> byTopic(Map<QueueId, Long> offsets) {
    Map<String, Map<QueueId, Long>> topics = new TreeMap<>();
    offsets.forEach((queue, offset) ->
        topics
            .computeIfAbsent(
                queue.topic(), _ -> new TreeMap<>(Comparator.comparingInt(QueueId::queue)))
            .put(queue, offset));
    return List.copyOf(topics.values());
  }

  /** The topics in whose queues there is an offset. */
  static Set<String> topics(Map<QueueId, Long> offsets) {
    return offsets.keySet().stream()
        .map(QueueId::topic)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private record Known(Map<QueueId, Long> offsets, Map<String, Integer> readQueues) {}

  /**
   * Writes the progress in every queue of these topics; returns how many messages it is behind. In
   * a queue where the group has committed nothing everything is ahead of it. Topics that were
   * deleted, and queues that a topic does not have any more, are left out.
   */
  private long write(JsonWriter json, String group, Set<String> topics, Known known) {
    long behind = 0;
    String broker = services.identity().name();
    json.startObject().name("consumeTps").decimal(perSecond(group, topics));
    json.name("offsetTable").startObject();
    for (String topic : topics) {
      for (int number = 0; number < known.readQueues().getOrDefault(topic, 0); number++) {
        QueueId queue = new QueueId(topic, number);
        QueueBounds bounds = services.offsets().bounds(queue);
        long offset = known.offsets().getOrDefault(queue, bounds.min());
        behind += Math.max(0, bounds.max() - offset);
        ResponseBodies.queueRef(json, new QueueRef(topic, broker, number))
            .endKey()
            .startObject()
            .member("brokerOffset", bounds.max())
            .member("consumerOffset", offset)
            .member("lastTimestamp", consumedUntilMs(queue, offset))
            .member("pullOffset", offset)
            .endObject();
      }
    }
    json.endObject().endObject();
    return behind;
  }

  private double perSecond(String group, Set<String> topics) {
    return topics.stream()
        .mapToDouble(topic -> FlowTools.perSecond(services, Kind.PULLED, topic, group))
        .sum();
  }

  private Map<String, Integer> readQueues() {
    return services.topics().list().stream()
        .collect(Collectors.toMap(TopicConfig::name, TopicConfig::readQueues));
  }

  /** Store time of the last message that was consumed, 0 if it is gone or there is none. */
  private long consumedUntilMs(QueueId queue, long offset) {
    return TopicTools.storeTimeMs(services, queue, offset - 1);
  }
}
