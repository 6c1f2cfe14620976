package io.escrowmq.spi.storage;

/**
 * Where a read stops.
 *
 * @param maxMessages at least 1
 * @param maxBytes reached by at most one message too many when that message is the first
 */
public record ReadLimits(int maxMessages, int maxBytes) {

  public ReadLimits {
    if (maxMessages < 1 || maxBytes < 1) {
      throw new IllegalArgumentException(
          "limits must be positive: " + maxMessages + ", " + maxBytes);
    }
  }
}
