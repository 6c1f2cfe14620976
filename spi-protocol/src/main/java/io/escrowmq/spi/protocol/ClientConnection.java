package io.escrowmq.spi.protocol;

import java.net.InetSocketAddress;

/**
 * A live connection of a client, implemented by the protocol. Identity is by instance. Thread-safe;
 * no method blocks.
 */
public interface ClientConnection {

  /** Unique text for logs. */
  String id();

  /** The peer. */
  InetSocketAddress remoteAddress();

  /** Protocol name and version, language and client version, for operators. */
  String clientDescription();

  /** False once the connection is closed. */
  boolean isOpen();

  /**
   * Sends a request of the server to this client.
   *
   * @return true if it was handed to a connection that was open and not over its outbound limit;
   *     false if the client certainly did not get it
   */
  boolean push(ServerPush push);
}
