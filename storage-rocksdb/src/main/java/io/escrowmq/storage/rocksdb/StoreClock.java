package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.TimeSource;

/**
 * The store's time: the clock, except that it never goes back. Read by all, moved by one thread.
 */
final class StoreClock {

  private final TimeSource time;
  private final long decisionRetentionMs;
  private volatile long lastMs;

  StoreClock(TimeSource time, long decisionRetentionMs) {
    this.time = time;
    this.decisionRetentionMs = decisionRetentionMs;
  }

  /** Milliseconds since the epoch. */
  long nowMs() {
    return Math.max(lastMs, time.nowMs());
  }

  /** Time of the last write. */
  long lastMs() {
    return lastMs;
  }

  void advanceTo(long storeTimeMs) {
    lastMs = storeTimeMs;
  }

  /** True if the decision is older than the decision retention. */
  boolean isForgotten(Decision decision) {
    return nowMs() - decision.decidedAtMs() > decisionRetentionMs;
  }

  /** Decisions made before this time are forgotten. */
  long forgottenBeforeMs() {
    return nowMs() - decisionRetentionMs;
  }
}
