package io.escrowmq.broker;

import io.escrowmq.spi.protocol.ClientConnection;

/** One client on one connection. Equal if both are. */
record Membership(ClientConnection connection, String clientId) {}
