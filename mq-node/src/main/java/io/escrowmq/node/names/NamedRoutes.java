package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.protocol.TopicConfig;
import java.util.List;

/** Every topic is at every name, if only with no queue there: tools ask them all. */
final class NamedRoutes implements Routes {

  private final BrokerServices broker;
  private final List<Routes> each;

  NamedRoutes(BrokerServices broker, List<NamedBroker> doors) {
    this.broker = broker;
    this.each = doors.stream().map(Routes::ofOne).toList();
  }

  @Override
  public List<Route> of(String topic) {
    return each.stream().flatMap(routes -> routes.of(topic).stream()).toList();
  }

  @Override
  public List<BrokerIdentity> brokers() {
    return each.stream().flatMap(routes -> routes.brokers().stream()).toList();
  }

  @Override
  public List<TopicConfig> topics() {
    return broker.topics().list();
  }

  @Override
  public int sending(String brokerName, boolean allowed) {
    return each.stream().mapToInt(routes -> routes.sending(brokerName, allowed)).sum();
  }
}
