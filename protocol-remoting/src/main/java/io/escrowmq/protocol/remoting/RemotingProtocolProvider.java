package io.escrowmq.protocol.remoting;

import io.escrowmq.spi.protocol.ProtocolContext;
import io.escrowmq.spi.protocol.ProtocolProvider;
import io.escrowmq.spi.protocol.ProtocolServer;
import io.escrowmq.spi.protocol.ProtocolSettings;

/**
 * Serves RocketMQ 4.x and 5.x remoting clients: name server and broker roles in one process.
 * Settings are described at {@link RemotingSettings}. Stateless.
 */
public final class RemotingProtocolProvider implements ProtocolProvider {

  /** For {@link java.util.ServiceLoader}. */
  public RemotingProtocolProvider() {}

  @Override
  public String id() {
    return "remoting";
  }

  @Override
  public ProtocolServer start(ProtocolSettings settings, ProtocolContext context) {
    return RemotingServer.start(RemotingSettings.parse(settings), context);
  }
}
