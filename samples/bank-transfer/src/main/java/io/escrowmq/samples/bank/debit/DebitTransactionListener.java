package io.escrowmq.samples.bank.debit;

import io.escrowmq.samples.bank.contract.Transfer;
import java.sql.SQLException;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two questions of a transactional message: "do your local transaction now" and, when the
 * answer got lost, "how did it end?". The second may be asked of any instance of the service, so
 * the answer comes from the database and never from memory.
 */
final class DebitTransactionListener implements TransactionListener {
  private static final Logger LOG = LoggerFactory.getLogger(DebitTransactionListener.class);

  private final DebitDatabase database;
  private final DebitFaults faults;
  private final CheckObserver checks;

  DebitTransactionListener(DebitDatabase database, DebitFaults faults, CheckObserver checks) {
    this.database = database;
    this.faults = faults;
    this.checks = checks;
  }

  @Override
  public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
    DebitAttempt attempt = (DebitAttempt) argument;
    Transfer transfer = attempt.transfer();
    String txId = message.getTransactionId();
    attempt.begin();
    try {
      faults.beforeDebit(transfer, txId);
      DebitResult result = database.debit(transfer, txId);
      attempt.endedWith(result);
      faults.afterDebit(transfer, txId);
      if (faults.losesOutcome(transfer)) {
        return LocalTransactionState.UNKNOW;
      }
      return result == DebitResult.DEBITED
          ? LocalTransactionState.COMMIT_MESSAGE
          : LocalTransactionState.ROLLBACK_MESSAGE;
    } catch (SQLException e) {
      // The commit may or may not have happened. Say so: the server asks later, and the journal
      // knows.
      LOG.warn(
          "transfer {}: the database failed, outcome unknown until the check-back",
          transfer.id(),
          e);
      return LocalTransactionState.UNKNOW;
    }
  }

  @Override
  public LocalTransactionState checkLocalTransaction(MessageExt message) {
    Transfer transfer = Transfer.fromBody(message.getBody());
    try {
      TransactionJournal.State state =
          database.journal().settle(message.getTransactionId(), transfer.id());
      checks.answered(transfer, state);
      return state == TransactionJournal.State.COMMITTED
          ? LocalTransactionState.COMMIT_MESSAGE
          : LocalTransactionState.ROLLBACK_MESSAGE;
    } catch (SQLException e) {
      LOG.warn(
          "check-back of transfer {}: the database cannot answer now, it will be asked again",
          transfer.id(),
          e);
      return LocalTransactionState.UNKNOW;
    }
  }
}
