package io.escrowmq.client;

/**
 * Answers the server's question about a transaction that nobody decided. The question may go to any
 * instance of the producer group, also to one that never saw the transaction, and may come more
 * than once. Called on the client's threads; an exception means {@link LocalOutcome#UNKNOWN}.
 */
@FunctionalInterface
public interface CheckListener {

  /**
   * What became of the local transaction.
   *
   * @param key the key that the transaction was opened with
   * @return {@link LocalOutcome#ROLLBACK} only if it can no longer commit; "no row found" is not
   *     that while it may still be running
   */
  LocalOutcome check(String key);
}
