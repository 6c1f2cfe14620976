package io.escrowmq.protocol.remoting.request;

import io.escrowmq.protocol.remoting.wire.JsonObject;
import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.protocol.remoting.wire.RequestCodes;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.RetryPolicy;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns the requests of tools into typed ones. Stateless and thread-safe. */
final class AdminParser {

  private static final String EXPONENTIAL = "EXPONENTIAL";
  private static final String CUSTOMIZED = "CUSTOMIZED";

  private final JsonBodies bodies;

  private final AccessParser access;

  AdminParser(JsonBodies bodies) {
    this.bodies = bodies;
    this.access = new AccessParser(bodies);
  }

  /** The typed request, or null if no tool sends this code. */
  @Nullable AdminRequest parse(RemotingCommand command, Fields fields, ByteBuffer body) {
    return switch (command.code()) {
      case RequestCodes.GET_BROKER_CLUSTER_INFO ->
          new AdminRequest.ClusterInfo(RequestParser.wantsQuotedKeys(command, fields));
      case RequestCodes.GET_ALL_TOPIC_LIST_FROM_NAMESERVER -> new AdminRequest.TopicNames(null);
      case RequestCodes.GET_TOPICS_BY_CLUSTER ->
          new AdminRequest.TopicNames(fields.text("cluster"));
      case RequestCodes.GET_SYSTEM_TOPIC_LIST_FROM_NS,
          RequestCodes.GET_SYSTEM_TOPIC_LIST_FROM_BROKER ->
          new AdminRequest.SystemTopicNames();
      case RequestCodes.GET_UNIT_TOPIC_LIST,
          RequestCodes.GET_HAS_UNIT_SUB_TOPIC_LIST,
          RequestCodes.GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST ->
          new AdminRequest.NoTopicNames();
      case RequestCodes.PUT_KV_CONFIG ->
          new AdminRequest.PutValue(
              fields.text("namespace"), fields.text("key"), fields.text("value"));
      case RequestCodes.GET_KV_CONFIG ->
          new AdminRequest.FindValue(fields.text("namespace"), fields.text("key"));
      case RequestCodes.DELETE_KV_CONFIG ->
          new AdminRequest.RemoveValue(fields.text("namespace"), fields.text("key"));
      case RequestCodes.GET_KVLIST_BY_NAMESPACE ->
          new AdminRequest.AllValues(fields.text("namespace"));
      case RequestCodes.DELETE_TOPIC_IN_NAMESRV,
          RequestCodes.REGISTER_TOPIC_IN_NAMESRV,
          RequestCodes.CLEAN_EXPIRED_CONSUMEQUEUE,
          RequestCodes.CLEAN_UNUSED_TOPIC,
          RequestCodes.DELETE_EXPIRED_COMMITLOG ->
          new AdminRequest.Nothing();
      case RequestCodes.GET_BROKER_MEMBER_GROUP ->
          new AdminRequest.MemberGroup(fields.text("brokerName"));
      case RequestCodes.WIPE_WRITE_PERM_OF_BROKER ->
          new AdminRequest.WritePermission(fields.text("brokerName"), false);
      case RequestCodes.ADD_WRITE_PERM_OF_BROKER ->
          new AdminRequest.WritePermission(fields.text("brokerName"), true);
      case RequestCodes.GET_NAMESRV_CONFIG -> new AdminRequest.NameServerConfig();
      case RequestCodes.UPDATE_BROKER_CONFIG, RequestCodes.UPDATE_NAMESRV_CONFIG ->
          new AdminRequest.ChangeConfig();
      case RequestCodes.GET_BROKER_RUNTIME_INFO -> new AdminRequest.RuntimeInfo();
      case RequestCodes.GET_BROKER_CONFIG -> new AdminRequest.BrokerConfig();
      default -> topicOrGroup(command.code(), fields, body);
    };
  }

  private @Nullable AdminRequest topicOrGroup(int code, Fields fields, ByteBuffer body) {
    return switch (code) {
      case RequestCodes.UPDATE_AND_CREATE_TOPIC_LIST -> topics(body);
      case RequestCodes.DELETE_TOPIC_IN_BROKER ->
          new AdminRequest.DeleteTopic(fields.text("topic"));
      case RequestCodes.GET_TOPIC_CONFIG -> new AdminRequest.OneTopic(fields.text("topic"));
      case RequestCodes.GET_ALL_TOPIC_CONFIG ->
          new AdminRequest.AllTopics(
              fields.numberOr("topicSeq", 0), fields.numberOr("maxTopicNum", Integer.MAX_VALUE));
      case RequestCodes.GET_TOPIC_STATS_INFO -> new AdminRequest.TopicStats(fields.text("topic"));
      case RequestCodes.QUERY_TOPIC_CONSUME_BY_WHO ->
          new AdminRequest.ConsumersOfTopic(fields.text("topic"));
      default -> group(code, fields, body);
    };
  }

  private @Nullable AdminRequest group(int code, Fields fields, ByteBuffer body) {
    return switch (code) {
      case RequestCodes.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP ->
          new AdminRequest.PutGroups(List.of(group(root(body, code))));
      case RequestCodes.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST ->
          new AdminRequest.PutGroups(
              root(body, code).objects("groupConfigList").stream()
                  .map(AdminParser::group)
                  .toList());
      case RequestCodes.DELETE_SUBSCRIPTIONGROUP ->
          new AdminRequest.DeleteGroup(fields.text("groupName"), fields.flag("cleanOffset", false));
      case RequestCodes.GET_SUBSCRIPTIONGROUP_CONFIG ->
          new AdminRequest.OneGroup(fields.text("group"));
      case RequestCodes.GET_ALL_SUBSCRIPTIONGROUP_CONFIG ->
          new AdminRequest.AllGroups(
              fields.numberOr("groupSeq", 0), fields.numberOr("maxGroupNum", Integer.MAX_VALUE));
      case RequestCodes.GET_CONSUMER_CONNECTION_LIST ->
          new AdminRequest.Consumers(fields.text("consumerGroup"));
      case RequestCodes.GET_PRODUCER_CONNECTION_LIST ->
          new AdminRequest.Producers(fields.text("producerGroup"));
      case RequestCodes.GET_ALL_PRODUCER_INFO -> new AdminRequest.AllProducers();
      case RequestCodes.GET_CONSUME_STATS ->
          new AdminRequest.ConsumeStats(fields.text("consumerGroup"), fields.textOrNull("topic"));
      case RequestCodes.QUERY_TOPICS_BY_CONSUMER ->
          new AdminRequest.TopicsOfGroup(fields.text("group"));
      case RequestCodes.QUERY_SUBSCRIPTION_BY_CONSUMER ->
          new AdminRequest.SubscriptionOfGroup(fields.text("group"), fields.text("topic"));
      case RequestCodes.INVOKE_BROKER_TO_RESET_OFFSET ->
          new AdminRequest.ResetOffsets(
              fields.text("group"),
              fields.text("topic"),
              fields.numberOr("queueId", -1),
              fields.longNumber("timestamp"),
              fields.longOr("offset", -1),
              fields.flag("isForce", false));
      case RequestCodes.CLONE_GROUP_OFFSET ->
          new AdminRequest.CloneOffsets(
              fields.text("srcGroup"), fields.text("destGroup"), fields.textOrNull("topic"));
      case RequestCodes.QUERY_CONSUME_TIME_SPAN ->
          new AdminRequest.ConsumeTimeSpan(fields.text("group"), fields.text("topic"));
      case RequestCodes.GET_CONSUMER_RUNNING_INFO ->
          new AdminRequest.RunningInfo(
              fields.text("consumerGroup"), fields.text("clientId"), fields.all());
      case RequestCodes.CONSUME_MESSAGE_DIRECTLY ->
          new AdminRequest.ConsumeDirectly(
              fields.text("consumerGroup"),
              fields.text("clientId"),
              fields.text("msgId"),
              fields.all());
      case RequestCodes.GET_ALL_CONSUMER_OFFSET -> new AdminRequest.AllOffsets();
      case RequestCodes.GET_BROKER_CONSUME_STATS ->
          new AdminRequest.AllConsumeStats(fields.flag("isOrder", false));
      default -> look(code, fields, body);
    };
  }

  private @Nullable AdminRequest look(int code, Fields fields, ByteBuffer body) {
    return switch (code) {
      case RequestCodes.INVOKE_BROKER_TO_GET_CONSUMER_STATUS ->
          new AdminRequest.ConsumerStatus(
              fields.text("group"), fields.text("topic"), fields.textOr("clientAddr", ""));
      case RequestCodes.QUERY_CORRECTION_OFFSET ->
          new AdminRequest.LeastOffsets(
              fields.text("topic"),
              fields.text("compareGroup"),
              List.of(fields.textOr("filterGroups", "").split(",", -1)));
      case RequestCodes.VIEW_BROKER_STATS_DATA ->
          new AdminRequest.StatsData(fields.text("statsName"), fields.text("statsKey"));
      case RequestCodes.QUERY_CONSUME_QUEUE ->
          new AdminRequest.LookAtQueue(
              fields.text("topic"),
              fields.number("queueId"),
              fields.longNumber("index"),
              fields.numberOr("count", 10),
              fields.textOrNull("consumerGroup"));
      case RequestCodes.RESUME_CHECK_HALF_MESSAGE ->
          new AdminRequest.ResumeChecks(fields.text("topic"), fields.text("msgId"));
      case RequestCodes.UPDATE_AND_GET_GROUP_FORBIDDEN ->
          new AdminRequest.ReadPermission(
              fields.text("group"),
              fields.text("topic"),
              fields.textOrNull("readable") == null ? null : fields.flag("readable", true));
      default -> access(code, fields, body);
    };
  }

  private @Nullable AdminRequest access(int code, Fields fields, ByteBuffer body) {
    AccessRequest request = access.parse(code, fields, body);
    return request == null ? null : new AdminRequest.Access(request);
  }

  private AdminRequest topics(ByteBuffer body) {
    return new AdminRequest.CreateTopics(
        root(body, RequestCodes.UPDATE_AND_CREATE_TOPIC_LIST).objects("topicConfigList").stream()
            .map(topic ->
                new RemotingRequest.CreateTopic(
                    topic.text("topicName"),
                    topic.intOr("readQueueNums", 16),
                    topic.intOr("writeQueueNums", 16),
                    topic.intOr("perm", 6),
                    topic.flag("order"),
                    signed(topic.textMap("attributes"))))
            .toList());
  }

  /** In a body attributes may come without the sign that a change has. */
  private static Map<String, String> signed(Map<String, String> attributes) {
    Map<String, String> changes = new LinkedHashMap<>();
    attributes.forEach((name, value) ->
        changes.put(name.startsWith("+") || name.startsWith("-") ? name : "+" + name, value));
    return changes;
  }

  private static GroupConfig group(JsonObject group) {
    Map<String, String> others = new LinkedHashMap<>();
    AdminRequest.OTHER_GROUP_SETTINGS.forEach(
        (name, absent) -> others.put(name, group.textOr(name, absent)));
    return new GroupConfig(
        group.text("groupName"),
        group.flagOr("consumeEnable", true),
        group.flagOr("consumeBroadcastEnable", true),
        group.flag("consumeMessageOrderly"),
        group.flagOr("notifyConsumerIdsChangedEnable", true),
        group.intOr("retryQueueNums", 1),
        group.intOr("retryMaxTimes", 16),
        unsigned(group.textMap("attributes")),
        others,
        retryPolicy(group.objectOrNull("groupRetryPolicy")));
  }

  private static RetryPolicy retryPolicy(@Nullable JsonObject policy) {
    if (policy == null) {
      return RetryPolicy.LEVELS;
    }
    JsonObject growing = policy.objectOrNull("exponentialRetryPolicy");
    JsonObject listed = policy.objectOrNull("customizedRetryPolicy");
    return switch (policy.textOr("type", CUSTOMIZED)) {
      case EXPONENTIAL ->
          growing == null
              ? RetryPolicy.LEVELS
              : new RetryPolicy.Exponential(
                  growing.numberOr("initial", 5_000),
                  growing.numberOr("max", 7_200_000),
                  growing.numberOr("multiplier", 2));
      case CUSTOMIZED ->
          listed == null ? RetryPolicy.LEVELS : new RetryPolicy.Customized(listed.numbers("next"));
      default ->
          throw new ProtocolException(
              Fault.BAD_BODY,
              "the retry policy's type must be EXPONENTIAL or CUSTOMIZED, not "
                  + policy.textOr("type", ""));
    };
  }

  private static Map<String, String> unsigned(Map<String, String> changes) {
    Map<String, String> attributes = new LinkedHashMap<>();
    changes.forEach((name, value) -> {
      if (!name.startsWith("-")) {
        attributes.put(name.startsWith("+") ? name.substring(1) : name, value);
      }
    });
    return attributes;
  }

  private JsonObject root(ByteBuffer body, int code) {
    return bodies.object(body, "the body of request " + code);
  }
}
