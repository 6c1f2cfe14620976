package io.escrowmq.node;

import io.escrowmq.spi.protocol.ProtocolServer;

/**
 * A protocol that was started, and the id it was started under: the protocol's own, or with {@code
 * @name} behind it for a listener of another of the broker's names.
 */
record RunningProtocol(String id, ProtocolServer server) {

  /** {@code @name}, or nothing for the broker's own name. */
  String atName() {
    int at = id.indexOf('@');
    return at < 0 ? "" : id.substring(at);
  }
}
