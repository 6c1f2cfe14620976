package io.escrowmq.client;

/** What became of the local transaction. */
public enum LocalOutcome {
  /** It committed. */
  COMMIT,
  /** It did not commit, and can no longer. */
  ROLLBACK,
  /** It may still be running: ask again later. */
  UNKNOWN
}
