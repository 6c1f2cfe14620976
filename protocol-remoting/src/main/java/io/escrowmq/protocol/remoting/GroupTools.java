package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.AdminRequest;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllConsumeStats;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllGroups;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllOffsets;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllProducers;
import io.escrowmq.protocol.remoting.request.AdminRequest.ConsumeStats;
import io.escrowmq.protocol.remoting.request.AdminRequest.Consumers;
import io.escrowmq.protocol.remoting.request.AdminRequest.DeleteGroup;
import io.escrowmq.protocol.remoting.request.AdminRequest.OneGroup;
import io.escrowmq.protocol.remoting.request.AdminRequest.Producers;
import io.escrowmq.protocol.remoting.request.AdminRequest.PutGroups;
import io.escrowmq.protocol.remoting.request.AdminRequest.ReadPermission;
import io.escrowmq.protocol.remoting.request.AdminRequest.SubscriptionOfGroup;
import io.escrowmq.protocol.remoting.request.AdminRequest.TopicsOfGroup;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.RetryPolicy;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What tools ask about groups and their members. */
final class GroupTools {
  private static final long FORBIDDEN_TO_READ = 4;

  private final BrokerServices services;
  private final ProgressBodies progress;

  GroupTools(BrokerServices services) {
    this.services = services;
    this.progress = new ProgressBodies(services);
  }

  Answer answer(AdminRequest.Groups request) {
    return switch (request) {
      case PutGroups put -> {
        put.groups().forEach(groups()::createOrUpdate);
        yield Answer.success();
      }
      case DeleteGroup delete -> {
        groups().delete(delete.group(), delete.withOffsets());
        yield Answer.success();
      }
      case OneGroup ask -> one(ask.group());
      case AllGroups ask -> all(ask);
      case Consumers ask -> consumers(ask.group());
      case Producers ask -> producers(ask.group());
      case AllProducers _ -> allProducers();
      case ConsumeStats ask -> consumeStats(ask);
      case TopicsOfGroup ask -> topics(ask.group());
      case SubscriptionOfGroup ask -> subscription(ask);
      case AllOffsets _ -> Answer.success(progress.allOffsets(groups()));
      case ReadPermission change -> readPermission(change);
      case AllConsumeStats ask -> Answer.success(progress.all(groups(), ask.ordered()));
    };
  }

  private Answer one(String name) {
    Optional<GroupConfig> group = groups().find(name);
    if (group.isEmpty()) {
      return unknown(name);
    }
    JsonWriter json = new JsonWriter(512);
    write(json, group.get());
    return Answer.success(json.toBytes());
  }

  private Answer all(AllGroups ask) {
    List<GroupConfig> groups = groups().list();
    JsonWriter json = new JsonWriter(512 * (1 + groups.size())).startObject();
    TopicTools.dataVersion(json, groups.hashCode());
    json.name("forbiddenTable").startObject();
    groups.forEach(group -> forbidden(json, group.name()));
    json.endObject();
    json.name("subscriptionGroupTable").startObject();
    groups.stream()
        .skip(Math.max(0, ask.from()))
        .limit(Math.max(0, ask.limit()))
        .forEach(group -> {
          json.name(group.name());
          write(json, group);
        });
    byte[] body = json.endObject().endObject().toBytes();
    return Answer.success(Map.of("totalGroupNum", Integer.toString(groups.size())), body);
  }

  /** RocketMQ's bit for a topic that may not be read. */
  private void forbidden(JsonWriter json, String group) {
    Set<String> topics = groups().readRules().forbidden(group);
    if (!topics.isEmpty()) {
      json.name(group).startObject();
      topics.forEach(topic -> json.member(topic, FORBIDDEN_TO_READ));
      json.endObject();
    }
  }

  private Answer readPermission(ReadPermission change) {
    Boolean readable = change.readable();
    if (readable != null) {
      groups().readRules().forbid(change.group(), change.topic(), !readable);
    }
    return Answer.success(
        new JsonWriter(128)
            .startObject()
            .member("group", change.group())
            .member(
                "readable",
                !groups().readRules().forbidden(change.group()).contains(change.topic()))
            .member("topic", change.topic())
            .endObject()
            .toBytes());
  }

  /** What a group wants of a topic by the newest word of its members, or null. */
  static @Nullable Subscription wanted(BrokerServices services, String group, String topic) {
    return newest(services.operations().groups().consumers(group)).get(topic);
  }

  private static void write(JsonWriter json, GroupConfig group) {
    json.startObject().name("attributes").startObject();
    group.attributes().forEach((name, value) -> json.member(name, value));
    json.endObject();
    Map<String, String> others = new TreeMap<>(AdminRequest.OTHER_GROUP_SETTINGS);
    others.putAll(group.others());
    others.forEach((name, value) -> {
      boolean isTruth = value.equals("true") || value.equals("false");
      JsonWriter named = json.name(name);
      JsonWriter _ =
          isTruth ? named.bool(Boolean.parseBoolean(value)) : named.number(Long.parseLong(value));
    });
    json.member("consumeBroadcastEnable", group.broadcasts())
        .member("consumeEnable", group.consumes())
        .member("consumeMessageOrderly", group.ordered())
        .member("groupName", group.name())
        .name("groupRetryPolicy");
    write(json, group.retryPolicy())
        .member("notifyConsumerIdsChangedEnable", group.notifies())
        .member("retryMaxTimes", group.maxRetries())
        .member("retryQueueNums", group.retryQueues())
        .endObject();
  }

  private static JsonWriter write(JsonWriter json, RetryPolicy policy) {
    json.startObject();
    switch (policy) {
      case RetryPolicy.Levels _ -> json.member("type", "CUSTOMIZED");
      case RetryPolicy.Exponential growing ->
          json.name("exponentialRetryPolicy")
              .startObject()
              .member("initial", growing.initialMs())
              .member("max", growing.maxMs())
              .member("multiplier", growing.multiplier())
              .endObject()
              .member("type", "EXPONENTIAL");
      case RetryPolicy.Customized listed -> {
        json.name("customizedRetryPolicy").startObject().name("next").startArray();
        listed.delaysMs().forEach(json::number);
        json.endArray().endObject().member("type", "CUSTOMIZED");
      }
    }
    return json.endObject();
  }

  private Answer consumers(String group) {
    List<GroupDirectory.Consumer> members = groups().consumers(group);
    if (members.isEmpty()) {
      return offline(group);
    }
    JsonWriter json = new JsonWriter(256 * (1 + members.size())).startObject();
    json.name("connectionSet").startArray();
    members.forEach(member -> Connections.member(json, member.connection(), member.clientId()));
    json.endArray();
    GroupDirectory.Consumer any = members.getFirst();
    json.member("consumeFromWhere", "CONSUME_FROM_" + any.membership().from().name())
        .member("consumeType", "CONSUME_" + any.membership().type().name())
        .member("messageModel", any.membership().model().name())
        .name("subscriptionTable")
        .startObject();
    newest(members)
        .forEach((topic, subscription) -> {
          json.name(topic);
          write(json, subscription);
        });
    return Answer.success(json.endObject().endObject().toBytes());
  }

  /** By topic in name order what the group wants: where members differ, what was said last. */
  private static Map<String, Subscription> newest(List<GroupDirectory.Consumer> members) {
    Map<String, Subscription> newest = new TreeMap<>();
    for (GroupDirectory.Consumer member : members) {
      for (Subscription subscription : member.membership().subscriptions()) {
        newest.merge(
            subscription.topic(), subscription, (a, b) -> a.version() >= b.version() ? a : b);
      }
    }
    return newest;
  }

  static void write(JsonWriter json, Subscription subscription) {
    boolean tags = subscription.expressionType().equals("TAG");
    List<String> names = tags ? tagsOf(subscription.expression()) : List.of();
    json.startObject().member("classFilterMode", false).name("codeSet").startArray();
    names.forEach(tag -> json.number(tag.hashCode()));
    json.endArray()
        .member("expressionType", subscription.expressionType())
        .member("subString", subscription.expression())
        .member("subVersion", subscription.version())
        .name("tagsSet")
        .startArray();
    names.forEach(json::text);
    json.endArray().member("topic", subscription.topic()).endObject();
  }

  private static List<String> tagsOf(String expression) {
    return expression.isBlank() || expression.strip().equals("*")
        ? List.of()
        : java.util.Arrays.stream(expression.split("\\|\\|"))
            .map(String::strip)
            .filter(tag -> !tag.isEmpty())
            .toList();
  }

  private Answer producers(String group) {
    List<GroupDirectory.Producer> members = groups().producers().getOrDefault(group, List.of());
    if (members.isEmpty()) {
      return Answer.refusal(
          ResponseCodes.SYSTEM_ERROR, "the producer group[" + group + "] not exist");
    }
    JsonWriter json = new JsonWriter(128 * (1 + members.size())).startObject();
    json.name("connectionSet").startArray();
    members.forEach(member -> Connections.member(json, member.connection(), member.clientId()));
    return Answer.success(json.endArray().endObject().toBytes());
  }

  private Answer allProducers() {
    JsonWriter json = new JsonWriter(1024).startObject().name("data").startObject();
    groups()
        .producers()
        .forEach((group, members) -> {
          json.name(group).startArray();
          members.forEach(
              member -> Connections.producer(json, member.connection(), member.clientId()));
          json.endArray();
        });
    return Answer.success(json.endObject().endObject().toBytes());
  }

  private Answer consumeStats(ConsumeStats ask) {
    Map<QueueId, Long> offsets = groups().progress().of(ask.group());
    Set<String> topics =
        ask.topic() == null ? ProgressBodies.topics(offsets) : ifWanted(ask.group(), ask.topic());
    return Answer.success(progress.of(ask.group(), topics, offsets));
  }

  /** The topic, unless the group has members and none of them wants it. */
  private Set<String> ifWanted(String group, String topic) {
    List<GroupDirectory.Consumer> members = groups().consumers(group);
    return members.isEmpty() || newest(members).containsKey(topic) ? Set.of(topic) : Set.of();
  }

  private Answer topics(String group) {
    List<GroupDirectory.Consumer> members = groups().consumers(group);
    TreeSet<String> topics = new TreeSet<>(newest(members).keySet());
    groups().progress().of(group).keySet().forEach(queue -> topics.add(queue.topic()));
    return topics.isEmpty() && groups().find(group).isEmpty()
        ? offline(group)
        : Answer.success(NameServerTools.names(topics));
  }

  private Answer subscription(SubscriptionOfGroup ask) {
    Subscription found = wanted(services, ask.group(), ask.topic());
    JsonWriter json = new JsonWriter(512).startObject().member("group", ask.group());
    if (found != null) {
      json.name("subscriptionData");
      write(json, found);
    }
    return Answer.success(json.member("topic", ask.topic()).endObject().toBytes());
  }

  private static Answer offline(String group) {
    return Answer.refusal(
        ResponseCodes.CONSUMER_NOT_ONLINE,
        "the consumer group[" + group + "] not online: none of its consumers is connected");
  }

  private static Answer unknown(String group) {
    return Answer.refusal(
        ResponseCodes.SUBSCRIPTION_GROUP_NOT_EXIST,
        "No group in this broker. group: " + group + ". Create it, or check its name");
  }

  private GroupDirectory groups() {
    return services.operations().groups();
  }
}
