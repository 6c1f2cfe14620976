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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How far groups are, as tools read it. */
final class ProgressBodies {
  private final BrokerServices services;

  ProgressBodies(BrokerServices services) {
    this.services = services;
  }

  /** Answer to request 208. */
  byte[] of(String group, Map<QueueId, Long> offsets) {
    JsonWriter json = new JsonWriter(256 * (1 + offsets.size()));
    write(json, group, offsets);
    return json.toBytes();
  }

  /** Answer to request 317: how far each group is. */
  byte[] all(GroupDirectory groups, boolean onlyOrdered) {
    long total = 0;
    Map<String, Map<QueueId, Long>> offsets = groups.progress().all();
    JsonWriter json = new JsonWriter(4096).startObject();
    json.member("brokerAddr", TopicRequests.address(services.identity().address()));
    json.name("consumeStatsList").startArray();
    for (GroupConfig group : groups.list()) {
      if (onlyOrdered && !group.ordered()) {
        continue;
      }
      json.startObject().name(group.name()).startArray();
      for (Map<QueueId, Long> ofTopic : byTopic(offsets.getOrDefault(group.name(), Map.of()))) {
        total += write(json, group.name(), ofTopic);
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

  /** Writes the progress in these queues; returns how many messages it is behind. */
  private long write(JsonWriter json, String group, Map<QueueId, Long> offsets) {
    long behind = 0;
    String broker = services.identity().name();
    Set<QueueId> readable = readable();
    json.startObject().name("consumeTps").decimal(perSecond(group, offsets.keySet()));
    json.name("offsetTable").startObject();
    for (Map.Entry<QueueId, Long> entry : offsets.entrySet()) {
      QueueId queue = entry.getKey();
      if (!readable.contains(queue)) {
        continue; // its topic was deleted, or has fewer queues now
      }
      long offset = entry.getValue();
      QueueBounds bounds = services.offsets().bounds(queue);
      behind += Math.max(0, bounds.max() - offset);
      ResponseBodies.queueRef(json, new QueueRef(queue.topic(), broker, queue.queue()))
          .endKey()
          .startObject()
          .member("brokerOffset", bounds.max())
          .member("consumerOffset", offset)
          .member("lastTimestamp", consumedUntilMs(queue, offset))
          .member("pullOffset", offset)
          .endObject();
    }
    json.endObject().endObject();
    return behind;
  }

  private double perSecond(String group, Set<QueueId> queues) {
    return queues.stream()
        .map(QueueId::topic)
        .distinct()
        .mapToDouble(topic -> FlowTools.perSecond(services, Kind.PULLED, topic, group))
        .sum();
  }

  private Set<QueueId> readable() {
    Set<QueueId> queues = new HashSet<>();
    for (TopicConfig topic : services.topics().list()) {
      for (int number = 0; number < topic.readQueues(); number++) {
        queues.add(new QueueId(topic.name(), number));
      }
    }
    return queues;
  }

  /** Store time of the last message that was consumed, 0 if it is gone or there is none. */
  private long consumedUntilMs(QueueId queue, long offset) {
    return TopicTools.storeTimeMs(services, queue, offset - 1);
  }
}
