package io.escrowmq.protocol.remoting.request;

import io.escrowmq.spi.protocol.GroupConfig;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the official tools (mqadmin, the dashboard) ask a name server or a broker of the Apache
 * RocketMQ remoting protocol.
 */
public sealed interface AdminRequest {

  /** Requests to a name server. */
  sealed interface NameServer extends AdminRequest {}

  /** Request 106: clusters and their brokers. */
  record ClusterInfo(boolean quotedKeys) implements NameServer {}

  /**
   * Requests 206 and 224: names of topics.
   *
   * @param cluster only of this cluster, null for all
   */
  record TopicNames(@Nullable String cluster) implements NameServer {}

  /** Requests 304 and 305: topics that belong to the system. */
  record SystemTopicNames() implements NameServer {}

  /** Requests 311 to 313: topics of RocketMQ's "units", which do not exist here. */
  record NoTopicNames() implements NameServer {}

  /** Request 100: keep a value. */
  record PutValue(String namespace, String key, String value) implements NameServer {}

  /** Request 101: a value. */
  record FindValue(String namespace, String key) implements NameServer {}

  /** Request 102: drop a value. */
  record RemoveValue(String namespace, String key) implements NameServer {}

  /** Request 219: all values of a namespace. */
  record AllValues(String namespace) implements NameServer {}

  /**
   * Requests that mean nothing here and succeed, so that scripts go on: 216, 217, 306, 316, 329.
   */
  record Nothing() implements NameServer {}

  /** Requests 205 and 327: take a broker out of the routes of senders, or back. */
  record WritePermission(String broker, boolean allowed) implements NameServer {}

  /** Requests about topics to a broker. */
  sealed interface Topics extends AdminRequest {}

  /** Request 18: create or change several topics. */
  record CreateTopics(List<RemotingRequest.CreateTopic> topics) implements Topics {}

  /** Request 215: delete a topic. */
  record DeleteTopic(String topic) implements Topics {}

  /** Request 351: a topic's configuration. */
  record OneTopic(String topic) implements Topics {}

  /** Request 21: all topics' configurations, in pages. */
  record AllTopics(int from, int limit) implements Topics {}

  /** Request 202: the bounds of a topic's queues. */
  record TopicStats(String topic) implements Topics {}

  /** Request 300: groups that consume a topic. */
  record ConsumersOfTopic(String topic) implements Topics {}

  /**
   * Request 321: entries of a queue.
   *
   * @param group whose filter is shown as well, null for none
   */
  record LookAtQueue(String topic, int queue, long from, int count, @Nullable String group)
      implements Topics {}

  /** Requests about groups to a broker. */
  sealed interface Groups extends AdminRequest {}

  /** Requests 200 and 225: create or change groups; retries of -1 are left as they are. */
  record PutGroups(List<GroupConfig> groups) implements Groups {}

  /** Request 207: delete a group. */
  record DeleteGroup(String group, boolean withOffsets) implements Groups {}

  /** Request 352: a group's configuration. */
  record OneGroup(String group) implements Groups {}

  /** Request 201: all groups' configurations, in pages. */
  record AllGroups(int from, int limit) implements Groups {}

  /** Request 203: who consumes in a group. */
  record Consumers(String group) implements Groups {}

  /** Request 204: who produces in a group. */
  record Producers(String group) implements Groups {}

  /** Request 328: who produces. */
  record AllProducers() implements Groups {}

  /**
   * Request 208: how far a group is.
   *
   * @param topic only there, null for everywhere
   */
  record ConsumeStats(String group, @Nullable String topic) implements Groups {}

  /** Request 343: topics that a group consumes. */
  record TopicsOfGroup(String group) implements Groups {}

  /** Request 345: what a group wants of a topic. */
  record SubscriptionOfGroup(String group, String topic) implements Groups {}

  /** Request 43: offsets of all groups. */
  record AllOffsets() implements Groups {}

  /** Request 317: how far all groups are. */
  record AllConsumeStats(boolean ordered) implements Groups {}

  /**
   * Request 353: may a group read a topic?
   *
   * @param readable what it shall be from now on, null to leave it
   */
  record ReadPermission(String group, String topic, @Nullable Boolean readable) implements Groups {}

  /** Requests that move groups or look at their progress in time. */
  sealed interface Progress extends AdminRequest {}

  /**
   * Request 222: move a group.
   *
   * @param queue only this one, negative for all
   * @param timeMs to the first message stored then or later; -1 for the end
   * @param offset to this one instead, negative for by time
   * @param force also forward
   */
  record ResetOffsets(
      String group, String topic, int queue, long timeMs, long offset, boolean force)
      implements Progress {}

  /**
   * Request 314: put one group where another is.
   *
   * @param topic only there, null for everywhere
   */
  record CloneOffsets(String from, String to, @Nullable String topic) implements Progress {}

  /** Request 303: how old what a group consumes is. */
  record ConsumeTimeSpan(String group, String topic) implements Progress {}

  /**
   * Request 308: the least offsets of all groups, for the queues of a topic.
   *
   * @param compared where this group is behind them, the answer is the largest number there is
   * @param without groups that do not count
   */
  record LeastOffsets(String topic, String compared, List<String> without) implements Progress {}

  /** Requests that the broker passes on to one of its clients. */
  sealed interface Clients extends AdminRequest {}

  /** Request 307: what a consumer is doing. */
  record RunningInfo(String group, String clientId, Map<String, String> fields)
      implements Clients {}

  /**
   * Request 223: where consumers are by their own word.
   *
   * @param clientId only this one, empty for all
   */
  record ConsumerStatus(String group, String topic, String clientId) implements Clients {}

  /** Request 309: let a consumer consume this message now. */
  record ConsumeDirectly(
      String group, String clientId, String messageId, Map<String, String> fields)
      implements Clients {}

  /** Request 901: the brokers of one name. */
  record MemberGroup(String broker) implements NameServer {}

  /** Request 319: the name server's configuration, as far as tools may see it. */
  record NameServerConfig() implements NameServer {}

  /** Requests 3001 to 3010: users and what they may do. */
  record Access(AccessRequest request) implements AdminRequest {}

  /**
   * Request 323: ask about a half message again that was given up.
   *
   * @param messageId what the producer got for the half message
   */
  record ResumeChecks(String topic, String messageId) implements AdminRequest {}

  /** Requests 25 and 318: change the configuration of a running server. */
  record ChangeConfig() implements AdminRequest {}

  /** Request 28: figures of the broker. */
  record RuntimeInfo() implements AdminRequest {}

  /** Request 315: how much went through a topic or to a group, under RocketMQ's name for it. */
  record StatsData(String name, String key) implements AdminRequest {}

  /** Request 26: the broker's configuration, as far as tools may see it. */
  record BrokerConfig() implements AdminRequest {}

  /** The names of RocketMQ's group settings that this server keeps but does not act on. */
  Map<String, String> OTHER_GROUP_SETTINGS =
      Map.of(
          "consumeFromMinEnable", "false",
          "brokerId", "0",
          "whichBrokerWhenConsumeSlowly", "1",
          "groupSysFlag", "0",
          "consumeTimeoutMinute", "15");
}
