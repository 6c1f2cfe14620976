package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.AdminRequest;
import io.escrowmq.protocol.remoting.request.AdminRequest.CloneOffsets;
import io.escrowmq.protocol.remoting.request.AdminRequest.ConsumeTimeSpan;
import io.escrowmq.protocol.remoting.request.AdminRequest.LeastOffsets;
import io.escrowmq.protocol.remoting.request.AdminRequest.ResetOffsets;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueRef;
import io.escrowmq.protocol.remoting.request.ResponseBodies;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.OffsetServices;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TimeSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** What tools do to the progress of groups. */
final class ProgressTools {
  /** Not a time: the end of the queue. */
  private static final long THE_END = -1;

  private final BrokerServices services;
  private final TimeSource time;

  ProgressTools(BrokerServices services, TimeSource time) {
    this.services = services;
    this.time = time;
  }

  Answer answer(AdminRequest.Progress request) {
    return switch (request) {
      case ResetOffsets reset -> reset(reset);
      case CloneOffsets copy -> copy(copy);
      case ConsumeTimeSpan ask -> timeSpan(ask);
      case LeastOffsets ask -> Answer.success(least(ask));
    };
  }

  /**
   * Moves the group here, and tells its members, who would go on where they are and overwrite it.
   */
  private Answer reset(ResetOffsets reset) {
    Optional<TopicConfig> topic = TopicTools.configured(services, reset.topic());
    if (topic.isEmpty()) {
      return TopicTools.unknown(reset.topic());
    }
    if (reset.queue() >= topic.get().readQueues()) {
      return Answer.refusal(
          ResponseCodes.SYSTEM_ERROR,
          "topic "
              + reset.topic()
              + " has no queue "
              + reset.queue()
              + "; it has "
              + topic.get().readQueues());
    }
    Map<QueueId, Long> target = new LinkedHashMap<>();
    for (int number = 0; number < topic.get().readQueues(); number++) {
      if (reset.queue() < 0 || reset.queue() == number) {
        QueueId queue = new QueueId(reset.topic(), number);
        target.put(queue, offsetFor(reset, queue));
      }
    }
    target.forEach((queue, offset) -> offsets().commit(reset.group(), queue, offset));
    groups().progress().announce(reset.group(), reset.topic(), target);
    return Answer.success(offsetTable(Map.of(services.identity().name(), target)));
  }

  private long offsetFor(ResetOffsets reset, QueueId queue) {
    QueueBounds bounds = offsets().bounds(queue);
    if (reset.offset() >= 0) {
      return Math.clamp(reset.offset(), bounds.min(), bounds.max());
    }
    long wanted =
        reset.timeMs() == THE_END
            ? bounds.max()
            : offsets().offsetAt(queue, Math.max(0, reset.timeMs()), false);
    OptionalLong now = offsets().committed(reset.group(), queue, false);
    // Unless forced, a group goes back only: nothing is skipped by mistake.
    return reset.force() || now.isEmpty() || wanted < now.getAsLong() ? wanted : now.getAsLong();
  }

  /** Queues by broker to offsets, as clients and tools read them. */
  static byte[] offsetTable(Map<String, Map<QueueId, Long>> byBroker) {
    int queues = byBroker.values().stream().mapToInt(Map::size).sum();
    JsonWriter json = new JsonWriter(128 * (1 + queues)).startObject();
    json.name("offsetTable").startObject();
    byBroker.forEach((broker, offsets) ->
        offsets.forEach((queue, offset) ->
            ResponseBodies.queueRef(json, new QueueRef(queue.topic(), broker, queue.queue()))
                .endKey()
                .number(offset)));
    return json.endObject().endObject().toBytes();
  }

  private Answer copy(CloneOffsets copy) {
    String topic = copy.topic();
    if (!groups().consumers(copy.to()).isEmpty()) {
      return Answer.refusal(
          ResponseCodes.SYSTEM_ERROR,
          "group " + copy.to() + " has members online, who would overwrite its offsets; stop them");
    }
    groups()
        .progress()
        .of(copy.from())
        .forEach((queue, offset) -> {
          if (topic == null || queue.topic().equals(topic)) {
            offsets().commit(copy.to(), queue, offset);
          }
        });
    return Answer.success();
  }

  private byte[] least(LeastOffsets ask) {
    Map<Integer, Long> least = new TreeMap<>();
    groups()
        .progress()
        .all()
        .forEach((group, offsets) -> {
          if (!ask.without().contains(group)) {
            ofTopic(offsets, ask.topic()).forEach((queue, at) -> least.merge(queue, at, Math::min));
          }
        });
    ofTopic(groups().progress().of(ask.compared()), ask.topic())
        .forEach((queue, at) ->
            least.computeIfPresent(queue, (_, others) -> others > at ? Long.MAX_VALUE : others));
    JsonWriter json = new JsonWriter(256).startObject().name("correctionOffsets").startObject();
    least.forEach((queue, offset) -> json.numericName(queue, true).number(offset));
    return json.endObject().endObject().toBytes();
  }

  /** By queue number, without what the topic lost since. */
  private Map<Integer, Long> ofTopic(Map<QueueId, Long> offsets, String topic) {
    Map<Integer, Long> found = new TreeMap<>();
    offsets.forEach((queue, offset) -> {
      if (queue.topic().equals(topic) && offset >= offsets().bounds(queue).min()) {
        found.put(queue.queue(), offset);
      }
    });
    return found;
  }

  private Answer timeSpan(ConsumeTimeSpan ask) {
    Optional<TopicConfig> topic = TopicTools.configured(services, ask.topic());
    if (topic.isEmpty()) {
      return TopicTools.unknown(ask.topic());
    }
    JsonWriter json = new JsonWriter(512).startObject().name("consumeTimeSpanSet").startArray();
    for (int number = 0; number < topic.get().readQueues(); number++) {
      QueueId queue = new QueueId(ask.topic(), number);
      QueueBounds bounds = offsets().bounds(queue);
      long at = offsets().committed(ask.group(), queue, false).orElse(bounds.min());
      long oldestMs = TopicTools.storeTimeMs(services, queue, bounds.min());
      long nextMs = TopicTools.storeTimeMs(services, queue, at);
      json.startObject()
          .member(
              "consumeTimeStamp",
              at > bounds.min() ? TopicTools.storeTimeMs(services, queue, at - 1) : oldestMs)
          .member("delayTime", at < bounds.max() && nextMs > 0 ? time.nowMs() - nextMs : 0)
          .member("maxTimeStamp", TopicTools.storeTimeMs(services, queue, bounds.max() - 1))
          .name("messageQueue");
      ResponseBodies.queueRef(
              json, new QueueRef(queue.topic(), services.identity().name(), queue.queue()))
          .member("minTimeStamp", oldestMs)
          .endObject();
    }
    return Answer.success(json.endArray().endObject().toBytes());
  }

  private OffsetServices offsets() {
    return services.offsets();
  }

  private GroupDirectory groups() {
    return services.operations().groups();
  }
}
