package io.escrowmq.node;

import io.escrowmq.spi.protocol.ProtocolServer;

/** A protocol that was started, and the id it was started under. */
record RunningProtocol(String id, ProtocolServer server) {}
