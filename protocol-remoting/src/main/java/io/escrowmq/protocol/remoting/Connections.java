package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.protocol.remoting.wire.Language;
import io.escrowmq.spi.protocol.ClientConnection;
import java.net.InetSocketAddress;

/** Clients and their connections as tools read them. */
final class Connections {
  private Connections() {}

  /** An element of a list of connections. */
  static void member(JsonWriter json, ClientConnection connection, String clientId) {
    json.startObject()
        .member("clientAddr", address(connection))
        .member("clientId", clientId)
        .member("language", language(connection).name())
        .member("version", version(connection))
        .endObject();
  }

  /** An element of the table of all producers. */
  static void producer(JsonWriter json, ClientConnection connection, String clientId) {
    json.startObject()
        .member("clientId", clientId)
        .member("language", language(connection).name())
        .member("lastUpdateTimestamp", 0)
        .member("remoteIP", address(connection))
        .member("version", version(connection))
        .endObject();
  }

  private static String address(ClientConnection connection) {
    InetSocketAddress remote = connection.remoteAddress();
    return TopicRequests.address(remote);
  }

  /** Clients of other protocols have neither. */
  private static Language language(ClientConnection connection) {
    return connection instanceof RemotingConnection remoting ? remoting.language() : Language.OTHER;
  }

  private static int version(ClientConnection connection) {
    return connection instanceof RemotingConnection remoting ? remoting.version() : 0;
  }
}
