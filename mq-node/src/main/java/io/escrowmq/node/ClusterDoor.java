package io.escrowmq.node;

import io.escrowmq.broker.SecuritySettings;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ConsumeServices;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupServices;
import io.escrowmq.spi.protocol.OffsetServices;
import io.escrowmq.spi.protocol.Operations;
import io.escrowmq.spi.protocol.Routes.Route;
import io.escrowmq.spi.protocol.SendServices;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.protocol.TopicServices;
import io.escrowmq.spi.protocol.security.Authority;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The door of the listener that only says where topics are: everything that belongs to one broker
 * is refused with the address of those who do it.
 */
final class ClusterDoor implements BrokerServices, TopicServices {

  private final Supplier<BrokerIdentity> identity;
  private final ClusterRoutes routes;
  private final Elsewhere elsewhere;
  private final Authority authority;

  /** With what is served here: whoever may log in there may log in here. */
  ClusterDoor(
      Supplier<BrokerIdentity> identity,
      ClusterRoutes routes,
      SecuritySettings security,
      Supplier<List<Authority>> here) {
    this.identity = identity;
    this.routes = routes;
    this.elsewhere = new Elsewhere(routes::shards);
    this.authority = new ClusterAuthority(security, here, elsewhere);
  }

  @Override
  public BrokerIdentity identity() {
    return identity.get();
  }

  @Override
  public TopicServices topics() {
    return this;
  }

  @Override
  public SendServices sending() {
    return elsewhere;
  }

  @Override
  public ConsumeServices consuming() {
    return elsewhere;
  }

  @Override
  public GroupServices groups() {
    return elsewhere;
  }

  @Override
  public OffsetServices offsets() {
    return elsewhere;
  }

  @Override
  public Operations operations() {
    return elsewhere;
  }

  @Override
  public Authority authority() {
    return authority;
  }

  @Override
  public Optional<TopicConfig> route(String topic) {
    return routes.of(topic).stream().findFirst().map(Route::topic);
  }

  @Override
  public List<TopicConfig> list() {
    return routes.topics();
  }

  @Override
  public void createOrUpdate(TopicConfig topic) {
    throw new BrokerException(
        ErrorCode.ILLEGAL_OPERATION,
        "topics are created on brokers, one by one: " + elsewhere.where(),
        "Send to the topic where auto-creation is on, or create it on each broker (mqadmin"
            + " updateTopic -c does that).");
  }

  @Override
  public void delete(String topic) {
    throw new BrokerException(
        ErrorCode.ILLEGAL_OPERATION,
        "topics are deleted on brokers, one by one: " + elsewhere.where(),
        "Delete it on each broker (mqadmin deleteTopic -c does that).");
  }
}
