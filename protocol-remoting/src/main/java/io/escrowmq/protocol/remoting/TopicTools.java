package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.AdminRequest;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllTopics;
import io.escrowmq.protocol.remoting.request.AdminRequest.ConsumersOfTopic;
import io.escrowmq.protocol.remoting.request.AdminRequest.CreateTopics;
import io.escrowmq.protocol.remoting.request.AdminRequest.DeleteTopic;
import io.escrowmq.protocol.remoting.request.AdminRequest.LookAtQueue;
import io.escrowmq.protocol.remoting.request.AdminRequest.OneTopic;
import io.escrowmq.protocol.remoting.request.AdminRequest.TopicStats;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueRef;
import io.escrowmq.protocol.remoting.request.ResponseBodies;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Flow.Kind;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What tools ask about topics. */
final class TopicTools {
  private static final int MOST_LOOKED_AT = 1024;

  private final BrokerServices services;

  TopicTools(BrokerServices services) {
    this.services = services;
  }

  Answer answer(AdminRequest.Topics request) {
    return switch (request) {
      case CreateTopics create -> {
        create.topics().forEach(topic -> TopicRequests.create(services, topic));
        yield Answer.success();
      }
      case DeleteTopic delete -> {
        services.topics().delete(delete.topic());
        yield Answer.success();
      }
      case OneTopic ask -> one(ask.topic());
      case AllTopics ask -> all(ask);
      case TopicStats ask -> stats(ask.topic());
      case ConsumersOfTopic ask -> consumers(ask.topic());
      case LookAtQueue ask -> look(ask);
    };
  }

  private Answer one(String name) {
    Optional<TopicConfig> topic = services.topics().route(name);
    if (topic.isEmpty()) {
      return unknown(name);
    }
    JsonWriter json = new JsonWriter(256);
    write(json, topic.get());
    return Answer.success(json.toBytes());
  }

  private Answer all(AllTopics ask) {
    List<TopicConfig> topics = services.topics().list();
    JsonWriter json = new JsonWriter(256 * (1 + topics.size())).startObject();
    dataVersion(json, topics.hashCode());
    json.name("topicConfigTable").startObject();
    topics.stream()
        .skip(Math.max(0, ask.from()))
        .limit(Math.max(0, ask.limit()))
        .forEach(topic -> {
          json.name(topic.name());
          write(json, topic);
        });
    byte[] body = json.endObject().endObject().toBytes();
    return Answer.success(Map.of("totalTopicNum", Integer.toString(topics.size())), body);
  }

  /** Something that is another when the contents are others. */
  static void dataVersion(JsonWriter json, int contents) {
    json.name("dataVersion")
        .startObject()
        .member("counter", Integer.toUnsignedLong(contents))
        .member("stateVersion", 0)
        .member("timestamp", 0)
        .endObject();
  }

  private static void write(JsonWriter json, TopicConfig topic) {
    json.startObject().name("attributes").startObject();
    topic.attributes().forEach((name, value) -> json.member(name, value));
    json.endObject()
        .member("order", topic.ordered())
        .member("perm", topic.permission())
        .member("readQueueNums", topic.readQueues())
        .member("topicFilterType", "SINGLE_TAG")
        .member("topicName", topic.name())
        .member("topicSysFlag", topic.systemFlag())
        .member("writeQueueNums", topic.writeQueues())
        .endObject();
  }

  private Answer stats(String name) {
    Optional<TopicConfig> topic = configured(services, name);
    if (topic.isEmpty()) {
      return unknown(name);
    }
    JsonWriter json = new JsonWriter(512).startObject().name("offsetTable").startObject();
    for (int number = 0; number < queues(topic.get()); number++) {
      QueueId queue = new QueueId(name, number);
      QueueBounds bounds = services.offsets().bounds(queue);
      key(json, queue)
          .startObject()
          .member("lastUpdateTimestamp", storeTimeMs(services, queue, bounds.max() - 1))
          .member("maxOffset", bounds.max())
          .member("minOffset", bounds.min())
          .endObject();
    }
    double perSecond = FlowTools.perSecond(services, Kind.SENT, name, "");
    json.endObject().name("topicPutTps").decimal(perSecond);
    return Answer.success(json.endObject().toBytes());
  }

  private Answer look(LookAtQueue ask) {
    Optional<TopicConfig> topic = configured(services, ask.topic());
    if (topic.isEmpty() || ask.queue() < 0 || ask.queue() >= queues(topic.get())) {
      return Answer.refusal(
          ResponseCodes.SYSTEM_ERROR,
          ask.queue() + "@" + ask.topic() + " is not exist! Ask for the topic's route");
    }
    QueueId queue = new QueueId(ask.topic(), ask.queue());
    QueueBounds bounds = services.offsets().bounds(queue);
    JsonWriter json = new JsonWriter(4096).startObject();
    String group = ask.group();
    Subscription wanted = group == null ? null : GroupTools.wanted(services, group, ask.topic());
    if (group != null && wanted == null) {
      json.member("filterData", group + "@" + ask.topic() + " is not online!");
    }
    json.member("maxQueueIndex", bounds.max()).member("minQueueIndex", bounds.min());
    json.name("queueData").startArray();
    long from = Math.max(bounds.min(), ask.from());
    int count = Math.clamp(ask.count(), 1, MOST_LOOKED_AT);
    for (Message message : services.offsets().look(queue, from, count)) {
      json.startObject()
          .member("eval", true)
          .member("physicOffset", message.position())
          .member("physicSize", message.size())
          .member("tagsCode", message.tags().map(String::hashCode).orElse(0))
          .endObject();
    }
    json.endArray();
    if (wanted != null) {
      json.name("subscriptionData");
      GroupTools.write(json, wanted);
    }
    return Answer.success(json.endObject().toBytes());
  }

  private static int queues(TopicConfig topic) {
    return Math.max(topic.readQueues(), topic.writeQueues());
  }

  /** A queue as the key of a map, on this broker. */
  JsonWriter key(JsonWriter json, QueueId queue) {
    String broker = services.identity().name();
    return ResponseBodies.queueRef(json, new QueueRef(queue.topic(), broker, queue.queue()))
        .endKey();
  }

  /** Store time of a message, 0 if it is not there. */
  static long storeTimeMs(BrokerServices services, QueueId queue, long offset) {
    return storedAtMs(services, queue, offset).orElse(0);
  }

  /** Store time of a message, empty if it is not there. */
  static OptionalLong storedAtMs(BrokerServices services, QueueId queue, long offset) {
    return offset < 0
        ? OptionalLong.empty()
        : services.offsets().look(queue, offset, 1).stream()
            .filter(message -> message.queueOffset() == offset)
            .mapToLong(Message::storeTimeMs)
            .findFirst();
  }

  private Answer consumers(String topic) {
    GroupDirectory groups = services.operations().groups();
    Map<String, Map<QueueId, Long>> offsets = groups.progress().all();
    JsonWriter json = new JsonWriter(128).startObject().name("groupList").startArray();
    for (GroupConfig group : groups.list()) {
      if (isConsumedBy(topic, group.name(), groups, offsets)) {
        json.text(group.name());
      }
    }
    return Answer.success(json.endArray().endObject().toBytes());
  }

  private static boolean isConsumedBy(
      String topic, String group, GroupDirectory groups, Map<String, Map<QueueId, Long>> offsets) {
    boolean subscribed =
        groups.consumers(group).stream()
            .flatMap(consumer -> consumer.membership().subscriptions().stream())
            .anyMatch(subscription -> subscription.topic().equals(topic));
    return subscribed
        || offsets.getOrDefault(group, Map.of()).keySet().stream()
            .anyMatch(queue -> queue.topic().equals(topic));
  }

  /** The topic that somebody configured; names that are routes only are none. */
  static Optional<TopicConfig> configured(BrokerServices services, String name) {
    return services.topics().list().stream().filter(it -> it.name().equals(name)).findFirst();
  }

  static Answer unknown(String topic) {
    return Answer.refusal(
        ResponseCodes.TOPIC_NOT_EXIST,
        "No topic in this broker. topic: " + topic + ". Create it, or check its name");
  }
}
