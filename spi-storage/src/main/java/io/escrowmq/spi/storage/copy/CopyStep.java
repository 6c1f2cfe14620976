package io.escrowmq.spi.storage.copy;

/** What a copy is busy with, in this order. */
public enum CopyStep {
  MESSAGES,
  HOLDS,
  DECISIONS,
  ROWS,
  COMPARISON
}
