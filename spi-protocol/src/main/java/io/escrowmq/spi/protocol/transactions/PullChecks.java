package io.escrowmq.spi.protocol.transactions;

/** For producer groups that look by themselves what is open. Blocking, thread-safe. */
@FunctionalInterface
public interface PullChecks {

  /**
   * The group's answer about one of its transactions.
   *
   * @param identity who answers, for the audit record
   * @return {@link TransactionDesk.Verdict.NotFound} also if the transaction is another group's
   */
  TransactionDesk.Verdict answer(
      String handle, String producerGroup, TransactionEntry.Decision decision, String identity);
}
