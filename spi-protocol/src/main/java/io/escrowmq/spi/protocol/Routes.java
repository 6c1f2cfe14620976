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

  /**
   * Takes a broker out of the routes of senders, or back: its topics are shown without the write
   * permission. Consumers go on, and a sender that still knows the broker is not refused. Lasts
   * until it is changed.
   *
   * @return topics whose route changed; 0 if there is no such broker or it was so before
   * @throws BrokerException with {@link ErrorCode#ILLEGAL_OPERATION} where that is not possible
   */
  int sending(String brokerName, boolean allowed);

  /** The routes of a broker that stands alone. */
  static Routes ofOne(BrokerServices broker) {
    return new SoloRoutes(broker);
  }

  /**
   * A broker that has a topic.
   *
   * @param topic as it is there
   */
  record Route(BrokerIdentity broker, TopicConfig topic) {}
}
