package io.escrowmq.spi.protocol;

import java.util.List;
import java.util.Optional;

/**
 * The broker has the message, as durably as configured.
 *
 * @param queue queue number it went to
 * @param queueOffset its offset; for a half message the handle's first number; of a batch the
 *     first; 0 for a delayed message
 * @param positions addresses, one per message; for a half message the handle's second number
 * @param uniqueKey the UNIQ_KEY of the (first) message, also its transaction id
 * @param recallHandle for delayed messages
 */
public record SendReceipt(
    int queue,
    long queueOffset,
    List<Long> positions,
    String uniqueKey,
    Optional<String> recallHandle) {

  public SendReceipt {
    positions = List.copyOf(positions);
  }
}
