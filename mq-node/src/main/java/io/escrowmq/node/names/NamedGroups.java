package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.GroupServices;
import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.Subscription;
import java.util.List;

/** Clients that come in by the listener of one name. */
record NamedGroups(BrokerServices broker, Share share) implements GroupServices {

  @Override
  public boolean heartbeat(ClientConnection connection, Heartbeat heartbeat) {
    return broker.groups().heartbeat(named(connection), heartbeat);
  }

  @Override
  public void unregister(
      ClientConnection connection, String clientId, String producerGroup, String consumerGroup) {
    broker.groups().unregister(named(connection), clientId, producerGroup, consumerGroup);
  }

  @Override
  public void connectionClosed(ClientConnection connection) {
    broker.groups().connectionClosed(named(connection));
  }

  @Override
  public List<String> members(String consumerGroup) {
    return broker.groups().members(consumerGroup);
  }

  @Override
  public void checkSubscription(String consumerGroup, Subscription subscription) {
    broker.groups().checkSubscription(consumerGroup, subscription);
  }

  private ClientConnection named(ClientConnection connection) {
    return new NamedConnection(connection, share);
  }
}
