package io.escrowmq.node;

import io.escrowmq.spi.storage.StorageHealth;
import java.util.Map;

/**
 * Whether a node does its work.
 *
 * @param canSend true only if a message sent now would be accepted
 * @param reason one sentence; empty when all is well
 * @param remedy what the operator should do; empty when all is well
 * @param storage what the engine says about itself
 * @param protocols protocol id to true while it listens
 */
public record NodeHealth(
    boolean canSend,
    String reason,
    String remedy,
    StorageHealth storage,
    Map<String, Boolean> protocols) {

  public NodeHealth {
    protocols = Map.copyOf(protocols);
  }
}
