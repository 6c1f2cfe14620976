package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.spi.protocol.ProtocolContext;
import io.escrowmq.spi.protocol.ProtocolServer;
import io.escrowmq.spi.protocol.ProtocolSettings;
import io.escrowmq.spi.storage.TimeSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/** A server on ephemeral ports in front of a {@link FakeBroker}. */
final class ServerFixture implements AutoCloseable {
  final FakeBroker broker;
  final ProtocolServer server;
  private final InetSocketAddress brokerAddress;

  ServerFixture(Map<String, String> options) {
    this(options, new FakeBroker());
  }

  ServerFixture(Map<String, String> options, FakeBroker broker) {
    this.broker = broker;
    Map<String, String> all = new HashMap<>(Map.of("name-server-port", "0", "port", "0"));
    all.putAll(options);
    server =
        new RemotingProtocolProvider()
            .start(
                new ProtocolSettings("127.0.0.1", "127.0.0.1", all),
                new ProtocolContext(broker, TimeSource.system(), broker::advertise));
    brokerAddress = server.endpoints().get("remoting");
  }

  ServerFixture() {
    this(Map.of());
  }

  InetSocketAddress brokerAddress() {
    return brokerAddress;
  }

  WireClient client(HeaderEncoding encoding) throws IOException {
    return WireClient.connect(brokerAddress(), encoding);
  }

  WireClient client() throws IOException {
    return client(HeaderEncoding.JSON);
  }

  long statistic(String name) {
    return server.statistics().get(name);
  }

  @Override
  public void close() {
    server.close();
  }
}
