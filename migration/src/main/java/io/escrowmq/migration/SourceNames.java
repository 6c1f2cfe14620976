package io.escrowmq.migration;

import io.escrowmq.migration.SourceSnapshot.OfBroker;
import java.util.HashSet;
import java.util.Set;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.topic.TopicValidator;

/** Which names at the source are the cluster's own, and whose the others are. */
final class SourceNames {

  static final String RETRY = MixAll.RETRY_GROUP_TOPIC_PREFIX;
  static final String DEAD_LETTERS = MixAll.DLQ_GROUP_TOPIC_PREFIX;

  private static final Set<String> OWN_TOPICS =
      Set.of(
          "DefaultHeartBeatSyncerTopic",
          "CHECKPOINT_TOPIC",
          TopicValidator.RMQ_SYS_BENCHMARK_TOPIC,
          TopicValidator.RMQ_SYS_TRACE_TOPIC);

  private static final Set<String> OWN_GROUPS =
      Set.of(
          MixAll.TOOLS_CONSUMER_GROUP,
          MixAll.SCHEDULE_CONSUMER_GROUP,
          MixAll.FILTERSRV_CONSUMER_GROUP,
          MixAll.MONITOR_CONSUMER_GROUP,
          MixAll.SELF_TEST_CONSUMER_GROUP,
          MixAll.ONS_HTTP_PROXY_GROUP,
          MixAll.CID_ONSAPI_PERMISSION_GROUP,
          MixAll.CID_ONSAPI_OWNER_GROUP,
          MixAll.CID_ONSAPI_PULL_GROUP);

  private final Set<String> groups = new HashSet<>();
  private final Set<String> routes = new HashSet<>();

  SourceNames(SourceSnapshot source) {
    for (OfBroker broker : source.brokers()) {
      groups.addAll(broker.groups().keySet());
      // Each broker keeps a topic of its own name, and one of its cluster's.
      routes.add(broker.broker().name());
    }
    routes.addAll(source.clusters());
    source.clusters().forEach(cluster -> routes.add(cluster + "_" + MixAll.REPLY_TOPIC_POSTFIX));
  }

  /** What a topic is for. */
  sealed interface Kind {
    /** The cluster's own. */
    record Internal() implements Kind {}

    /** Of the applications. */
    record Plain() implements Kind {}

    /** Retries or dead letters of a group. */
    record OfGroup(String group, boolean deadLetters) implements Kind {}

    /** Retries of a group that is not known, or of one that takes by POP. */
    record Unclear() implements Kind {}
  }

  Kind kind(String topic) {
    if (isInternal(topic)) {
      return new Kind.Internal();
    }
    boolean deadLetters = topic.startsWith(DEAD_LETTERS);
    if (!deadLetters && !topic.startsWith(RETRY)) {
      return new Kind.Plain();
    }
    String group = topic.substring((deadLetters ? DEAD_LETTERS : RETRY).length());
    if (isSystemGroup(group)) {
      return new Kind.Internal();
    }
    return deadLetters || groups.contains(group)
        ? new Kind.OfGroup(group, deadLetters)
        : new Kind.Unclear();
  }

  private boolean isInternal(String topic) {
    return TopicValidator.isSystemTopic(topic)
        || OWN_TOPICS.contains(topic)
        || routes.contains(topic)
        || MixAll.isLmq(topic);
  }

  static boolean isSystemGroup(String group) {
    return OWN_GROUPS.contains(group) || MixAll.isSysConsumerGroup(group);
  }
}
