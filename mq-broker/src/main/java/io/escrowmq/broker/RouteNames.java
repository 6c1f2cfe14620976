package io.escrowmq.broker;

import io.escrowmq.spi.protocol.TopicConfig;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Names that have a route without being a topic that somebody created.
 *
 * @param knownGroup whether a consumer group exists, which makes its retry topic exist
 */
record RouteNames(BrokerSettings settings, Predicate<String> knownGroup) {

  /** Queues of topics that belong to the system or to a group. */
  static final int INTERNAL_QUEUES = 1;

  /** What the auto-create template allows. */
  static final int TEMPLATE_PERMISSION = TopicConfig.READ | TopicConfig.WRITE | TopicConfig.INHERIT;

  /** The route of such a name. */
  Optional<TopicConfig> route(String topic) {
    if (topic.equals(TopicNames.TEMPLATE)) {
      return settings.topics().autoCreate()
          ? Optional.of(virtual(topic, settings.topics().queues()))
          : Optional.empty();
    }
    // A client asks for its retry topic before its first heartbeat, and then not again for 30 s.
    // Where that heartbeat will create the group, the route is given at once: else the first
    // retries would come late.
    boolean groupTopic =
        TopicNames.isRetry(topic)
            && (settings.topics().autoCreate() || knownGroup.test(TopicNames.groupOf(topic)));
    if (isOwn(topic)
        || groupTopic
        || topic.equals(TopicNames.TRACE)
        || topic.equals(TopicNames.SELF_TEST)) {
      return Optional.of(TopicConfig.of(topic, INTERNAL_QUEUES));
    }
    return Optional.empty();
  }

  /** True for the names of the cluster and the broker, by which tools find them. */
  boolean isOwn(String topic) {
    return topic.equals(settings.cluster())
        || topic.equals(settings.name())
        || topic.equals(TopicNames.replyOf(settings.cluster()));
  }

  private static TopicConfig virtual(String topic, int queues) {
    return new TopicConfig(topic, queues, queues, TEMPLATE_PERMISSION, 0, false, Map.of());
  }
}
