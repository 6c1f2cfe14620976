package io.escrowmq.broker;

import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.ServerPush;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A client's connection that remembers what it was sent. */
final class FakeConnection implements ClientConnection {

  private final String id;
  private final List<ServerPush> pushes = new CopyOnWriteArrayList<>();
  private volatile boolean open = true;
  private volatile boolean full;

  FakeConnection(String id) {
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 50_000);
  }

  @Override
  public String clientDescription() {
    return "fake";
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean push(ServerPush push) {
    if (!open || full) {
      return false;
    }
    pushes.add(push);
    return true;
  }

  void close() {
    open = false;
  }

  /** From now on pushes are over the outbound limit. */
  void fill() {
    full = true;
  }

  List<ServerPush> pushes() {
    return pushes;
  }

  <T extends ServerPush> List<T> pushes(Class<T> kind) {
    return pushes.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
