package io.escrowmq.spi.protocol;

import java.util.List;

/** Where topics are: what a name server knows. Thread-safe; may block. */
public interface Routes {

  /**
   * The brokers that have the topic now, in name order. Empty if there is no such topic.
   *
   * @throws BrokerException if it cannot be found out
   */
  List<Route> of(String topic);

  /** The brokers that serve now, in name order. */
  List<BrokerIdentity> brokers();

  /**
   * Every topic that has a configuration on any of them, one answer for each name, in name order.
   */
  List<TopicConfig> topics();

  /** The routes of a broker that stands alone. */
  static Routes ofOne(BrokerServices broker) {
    return new Routes() {
      @Override
      public List<Route> of(String topic) {
        return broker.topics().route(topic).stream()
            .map(config -> new Route(broker.identity(), config))
            .toList();
      }

      @Override
      public List<BrokerIdentity> brokers() {
        return List.of(broker.identity());
      }

      @Override
      public List<TopicConfig> topics() {
        return broker.topics().list();
      }
    };
  }

  /**
   * A broker that has a topic.
   *
   * @param topic as it is there
   */
  record Route(BrokerIdentity broker, TopicConfig topic) {}
}
