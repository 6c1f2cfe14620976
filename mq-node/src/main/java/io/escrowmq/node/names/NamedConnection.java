package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.ServerPush;
import java.net.InetSocketAddress;

/** A client's connection to the listener of one name: what is pushed there names its queues. */
record NamedConnection(ClientConnection connection, Share share) implements ClientConnection {

  @Override
  public String id() {
    return connection.id();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  @Override
  public String clientDescription() {
    return connection.clientDescription();
  }

  @Override
  public boolean isOpen() {
    return connection.isOpen();
  }

  @Override
  public boolean push(ServerPush push) {
    return connection.push(shown(push));
  }

  private ServerPush shown(ServerPush push) {
    return switch (push) {
      case ServerPush.MembersChanged changed -> changed;
      case ServerPush.Reply reply -> reply;
      case ServerPush.CheckTransaction check ->
          new ServerPush.CheckTransaction(
              check.producerGroup(),
              check.handle(),
              check.transactionId(),
              share.shown(check.message()));
      case ServerPush.OffsetsReset reset ->
          new ServerPush.OffsetsReset(
              reset.topic(),
              reset.consumerGroup(),
              share.shown(reset.offsets()),
              reset.elsewhere());
    };
  }
}
