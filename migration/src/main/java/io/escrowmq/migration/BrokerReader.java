package io.escrowmq.migration;

import com.alibaba.fastjson2.JSON;
import com.alibaba.fastjson2.JSONObject;
import com.alibaba.fastjson2.JSONReader;
import io.escrowmq.migration.SourceSnapshot.Position;
import io.escrowmq.migration.SourceSnapshot.Waiting;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.RetryPolicy;
import io.escrowmq.spi.protocol.TopicConfig;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.subscription.CustomizedRetryPolicy;
import org.apache.rocketmq.remoting.protocol.subscription.ExponentialRetryPolicy;
import org.apache.rocketmq.remoting.protocol.subscription.GroupRetryPolicy;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.jspecify.annotations.Nullable;

/** Reads one broker's topics, groups, offsets and what waits there, in our own words. */
final class BrokerReader {

  /** Its offset in the half topic tells how far the broker has swept up decided transactions. */
  private static final String SWEEPER = "CID_RMQ_SYS_TRANS";

  private final SourceCluster cluster;

  BrokerReader(SourceCluster cluster) {
    this.cluster = cluster;
  }

  SourceSnapshot.OfBroker read(SourceBroker broker) {
    // Offsets before topics and messages: whatever they point at is there when those are read.
    Map<Position, Long> offsets = offsets(broker);
    Map<String, TopicConfig> topics = topics(broker);
    return new SourceSnapshot.OfBroker(
        broker, topics, groups(broker), offsets, waiting(broker, topics, offsets));
  }

  private Map<String, TopicConfig> topics(SourceBroker broker) {
    Map<String, TopicConfig> topics = new TreeMap<>();
    cluster
        .call(
            "asking for the topics",
            broker.address(),
            () -> cluster.client().getAllTopicConfig(broker.address(), cluster.timeout()))
        .getTopicConfigTable()
        .values()
        .forEach(topic -> topics.put(topic.getTopicName(), ours(topic)));
    return topics;
  }

  private static TopicConfig ours(org.apache.rocketmq.common.TopicConfig topic) {
    return new TopicConfig(
        topic.getTopicName(),
        topic.getReadQueueNums(),
        topic.getWriteQueueNums(),
        topic.getPerm(),
        topic.getTopicSysFlag(),
        topic.isOrder(),
        unsigned(topic.getAttributes()));
  }

  private Map<String, GroupConfig> groups(SourceBroker broker) {
    Map<String, GroupConfig> groups = new TreeMap<>();
    cluster
        .call(
            "asking for the groups",
            broker.address(),
            () -> cluster.client().getAllSubscriptionGroup(broker.address(), cluster.timeout()))
        .getSubscriptionGroupTable()
        .values()
        .forEach(group -> groups.put(group.getGroupName(), ours(group)));
    return groups;
  }

  private static GroupConfig ours(SubscriptionGroupConfig group) {
    return new GroupConfig(
        group.getGroupName(),
        group.isConsumeEnable(),
        group.isConsumeBroadcastEnable(),
        group.isConsumeMessageOrderly(),
        group.isNotifyConsumerIdsChangedEnable(),
        group.getRetryQueueNums(),
        group.getRetryMaxTimes(),
        unsigned(group.getAttributes()),
        // As a tool would have set them here, see GroupConfig#others.
        Map.of(
            "consumeFromMinEnable", Boolean.toString(group.isConsumeFromMinEnable()),
            "brokerId", Long.toString(group.getBrokerId()),
            "whichBrokerWhenConsumeSlowly", Long.toString(group.getWhichBrokerWhenConsumeSlowly()),
            "groupSysFlag", Integer.toString(group.getGroupSysFlag()),
            "consumeTimeoutMinute", Integer.toString(group.getConsumeTimeoutMinute())),
        retryPolicy(group.getGroupRetryPolicy()));
  }

  private static RetryPolicy retryPolicy(@Nullable GroupRetryPolicy policy) {
    if (policy == null) {
      return RetryPolicy.LEVELS;
    }
    ExponentialRetryPolicy growing = policy.getExponentialRetryPolicy();
    CustomizedRetryPolicy listed = policy.getCustomizedRetryPolicy();
    return switch (policy.getType()) {
      case EXPONENTIAL ->
          growing == null
              ? RetryPolicy.LEVELS
              : new RetryPolicy.Exponential(
                  growing.getInitial(), growing.getMax(), growing.getMultiplier());
      case CUSTOMIZED ->
          listed == null
              ? RetryPolicy.LEVELS
              : new RetryPolicy.Customized(Arrays.stream(listed.getNext()).boxed().toList());
    };
  }

  private static Map<String, String> unsigned(Map<String, String> attributes) {
    Map<String, String> plain = new LinkedHashMap<>();
    attributes.forEach(
        (name, value) -> plain.put(name.startsWith("+") ? name.substring(1) : name, value));
    return plain;
  }

  private Map<Position, Long> offsets(SourceBroker broker) {
    RemotingCommand answer =
        answered(
            cluster.ask("asking for consumer offsets", broker, RequestCode.GET_ALL_CONSUMER_OFFSET),
            broker);
    JSONObject table = object(object(answer), "offsetTable");
    Map<Position, Long> offsets = new HashMap<>();
    for (String key : table.keySet()) {
      int at = key.lastIndexOf('@');
      JSONObject queues = object(table, key);
      for (String queue : at < 1 ? Set.<String>of() : queues.keySet()) {
        offsets.put(
            new Position(key.substring(at + 1), key.substring(0, at), Integer.parseInt(queue)),
            queues.getLongValue(queue));
      }
    }
    return offsets;
  }

  private Waiting waiting(
      SourceBroker broker, Map<String, TopicConfig> topics, Map<Position, Long> offsets) {
    return new Waiting(
        delayed(broker, topics),
        timed(broker),
        behind(
            broker,
            TopicValidator.RMQ_SYS_TRANS_HALF_TOPIC,
            offsets.getOrDefault(
                new Position(SWEEPER, TopicValidator.RMQ_SYS_TRANS_HALF_TOPIC, 0), 0L)),
        topics.containsKey(TopicValidator.RMQ_SYS_TRANS_CHECK_MAX_TIME_TOPIC)
            ? behind(broker, TopicValidator.RMQ_SYS_TRANS_CHECK_MAX_TIME_TOPIC, 0)
            : 0);
  }

  private long behind(SourceBroker broker, String topic, long offset) {
    SourceQueue queue = new SourceQueue(broker.name(), topic, 0);
    long max = cluster.maxOffset(broker, queue);
    return max == 0 ? 0 : max - Math.max(offset, cluster.minOffset(broker, queue));
  }

  private long delayed(SourceBroker broker, Map<String, TopicConfig> topics) {
    TopicConfig topic = topics.get(TopicValidator.RMQ_SYS_SCHEDULE_TOPIC);
    if (topic == null) {
      return 0;
    }
    RemotingCommand answer =
        cluster.ask("asking for delayed messages", broker, RequestCode.GET_ALL_DELAY_OFFSET);
    JSONObject delivered = object(object(answer), "offsetTable");
    long waiting = 0;
    for (int number = 0; number < topic.writeQueues(); number++) {
      SourceQueue queue = new SourceQueue(broker.name(), topic.name(), number);
      long max = cluster.maxOffset(broker, queue);
      if (max > 0) {
        long done = delivered.getLongValue(Integer.toString(number + 1));
        waiting += max - Math.max(done, cluster.minOffset(broker, queue));
      }
    }
    return waiting;
  }

  private long timed(SourceBroker broker) {
    RemotingCommand answer =
        cluster.ask("asking for timed messages", broker, RequestCode.GET_TIMER_METRICS);
    JSONObject topics = object(object(answer), "timingCount");
    long waiting = 0;
    for (String topic : topics.keySet()) {
      waiting += object(topics, topic).getLongValue("count");
    }
    return waiting;
  }

  /** Brokers of before 5.0 do not know every question; then there is nothing of the kind. */
  private static JSONObject object(RemotingCommand answer) {
    if (answer.getCode() != ResponseCode.SUCCESS || answer.getBody() == null) {
      return new JSONObject();
    }
    // Brokers write the numbers of queues and levels without quotes.
    JSONObject body =
        JSON.parseObject(
            new String(answer.getBody(), StandardCharsets.UTF_8),
            JSONReader.Feature.AllowUnQuotedFieldNames);
    return body == null ? new JSONObject() : body;
  }

  private static JSONObject object(JSONObject in, String name) {
    JSONObject found = in.getJSONObject(name);
    return found == null ? new JSONObject() : found;
  }

  private static RemotingCommand answered(RemotingCommand answer, SourceBroker broker) {
    if (answer.getCode() == ResponseCode.SUCCESS && answer.getBody() != null) {
      return answer;
    }
    boolean permission = answer.getCode() == ResponseCode.NO_PERMISSION;
    throw new MigrationException(
        permission ? MigrationException.Reason.NO_PERMISSION : MigrationException.Reason.FAILED,
        "broker "
            + broker.address()
            + " does not tell its consumer offsets: code "
            + answer.getCode()
            + ": "
            + answer.getRemark(),
        permission
            ? "Give --access-key and the secret of an administrator of the cluster."
            : "Look for the cause in the broker's log, then run again.");
  }
}
