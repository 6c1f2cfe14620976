package io.escrowmq.spi.protocol;

import java.util.List;
import java.util.Optional;

/**
 * The routes of a broker that stands alone. Whether senders are sent to it is kept among its named
 * values, so that it lasts over a restart. Thread-safe.
 */
final class SoloRoutes implements Routes {

  private static final String NAMESPACE = "ESCROWMQ_ROUTES";
  private static final String CLOSED_TO_SENDERS = "closed-to-senders:";

  private final BrokerServices broker;
  private final Object lock = new Object();
  private volatile Optional<Boolean> closed = Optional.empty();

  SoloRoutes(BrokerServices broker) {
    this.broker = broker;
  }

  @Override
  public List<Route> of(String topic) {
    Optional<TopicConfig> config = broker.topics().route(topic);
    if (config.isEmpty()) {
      return List.of();
    }
    TopicConfig told = isClosed() ? config.get().closedToSenders() : config.get();
    return List.of(new Route(broker.identity(), told));
  }

  @Override
  public List<BrokerIdentity> brokers() {
    return List.of(broker.identity());
  }

  @Override
  public List<TopicConfig> topics() {
    return broker.topics().list();
  }

  @Override
  public int sending(String brokerName, boolean allowed) {
    if (!brokerName.equals(broker.identity().name())) {
      return 0;
    }
    synchronized (lock) {
      if (isClosed() != allowed) {
        return 0;
      }
      NamedValues values = broker.operations().values();
      if (allowed) {
        values.remove(NAMESPACE, key());
      } else {
        values.put(NAMESPACE, key(), "true");
      }
      closed = Optional.of(!allowed);
    }
    return (int) broker.topics().list().stream().filter(TopicConfig::writable).count();
  }

  private boolean isClosed() {
    Optional<Boolean> known = closed;
    if (known.isPresent()) {
      return known.get();
    }
    synchronized (lock) {
      if (closed.isEmpty()) {
        closed = Optional.of(broker.operations().values().find(NAMESPACE, key()).isPresent());
      }
      return closed.get();
    }
  }

  private String key() {
    return CLOSED_TO_SENDERS + broker.identity().name();
  }
}
