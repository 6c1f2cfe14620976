package io.escrowmq.spi.protocol;

import java.util.List;

/** Where topics are: what a name server knows. Thread-safe; may block. */
@FunctionalInterface
public interface Routes {

  /**
   * The brokers that have the topic now, in name order. Empty if there is no such topic.
   *
   * @throws BrokerException if it cannot be found out
   */
  List<Route> of(String topic);

  /** The routes of a broker that stands alone. */
  static Routes ofOne(BrokerServices broker) {
    return topic ->
        broker.topics().route(topic).stream()
            .map(config -> new Route(broker.identity(), config))
            .toList();
  }

  /**
   * A broker that has a topic.
   *
   * @param topic as it is there
   */
  record Route(BrokerIdentity broker, TopicConfig topic) {}
}
