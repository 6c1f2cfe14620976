package io.escrowmq.samples.bank.debit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.escrowmq.samples.bank.TestDatabase;
import io.escrowmq.samples.bank.contract.Transfer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

final class TransactionJournalTest {
  private static final long OPENING_BALANCE_CENTS = 1_000;
  private static final Transfer TRANSFER = new Transfer("T1", 0, 0, 100);

  private final ExecutorService checkThread = Executors.newSingleThreadExecutor();
  private DataSource dataSource;
  private DebitDatabase database;

  @BeforeEach
  void createDatabase(TestInfo test) throws SQLException {
    dataSource = TestDatabase.named("journal-" + test.getTestMethod().orElseThrow().getName());
    database = new DebitDatabase(dataSource, Clock.systemUTC());
    database.create(1, OPENING_BALANCE_CENTS);
  }

  @AfterEach
  void stopThread() {
    checkThread.shutdownNow();
  }

  @Test
  void aCheckAfterTheDebitSaysCommitted() throws SQLException {
    assertThat(database.debit(TRANSFER, "tx")).isEqualTo(DebitResult.DEBITED);

    assertThat(database.journal().settle("tx", "T1")).isEqualTo(TransactionJournal.State.COMMITTED);
    assertThat(database.journal().settle("tx", "T1")).isEqualTo(TransactionJournal.State.COMMITTED);
    assertThat(balance()).isEqualTo(900);
  }

  @Test
  void aCheckBeforeTheDebitRollsBackAndFencesIt() throws SQLException {
    assertThat(database.journal().settle("tx", "T1"))
        .isEqualTo(TransactionJournal.State.ROLLED_BACK);

    assertThat(database.debit(TRANSFER, "tx")).isEqualTo(DebitResult.FENCED);
    assertThat(balance()).isEqualTo(OPENING_BALANCE_CENTS);
    assertThat(database.debit(TRANSFER, "tx-of-the-next-message")).isEqualTo(DebitResult.DEBITED);
    assertThat(balance()).isEqualTo(900);
  }

  @Test
  void aCheckWaitsForALocalTransactionInFlightThatCommits() throws Exception {
    assertThat(checkDuringLocalTransaction(true)).isEqualTo(TransactionJournal.State.COMMITTED);
  }

  @Test
  void aCheckWaitsForALocalTransactionInFlightThatRollsBack() throws Exception {
    assertThat(checkDuringLocalTransaction(false)).isEqualTo(TransactionJournal.State.ROLLED_BACK);
  }

  private TransactionJournal.State checkDuringLocalTransaction(boolean commit) throws Exception {
    try (Connection local = dataSource.getConnection()) {
      local.setAutoCommit(false);
      assertThat(database.journal().recordCommit(local, "tx", "T1")).isTrue();
      Future<TransactionJournal.State> check =
          checkThread.submit(() -> database.journal().settle("tx", "T1"));
      await()
          .during(Duration.ofMillis(200))
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> assertThat(check).isNotDone());
      if (commit) {
        local.commit();
      } else {
        local.rollback();
      }
      return check.get();
    }
  }

  @Test
  void aTransferIsDebitedOnceWhateverTheNumberOfMessages() throws SQLException {
    assertThat(database.debit(TRANSFER, "tx-1")).isEqualTo(DebitResult.DEBITED);
    assertThat(database.debit(TRANSFER, "tx-2")).isEqualTo(DebitResult.ALREADY_DEBITED);

    assertThat(balance()).isEqualTo(900);
    assertThat(database.journal().settle("tx-2", "T1"))
        .isEqualTo(TransactionJournal.State.ROLLED_BACK);
  }

  @Test
  void businessRulesRefuseWithoutATrace() throws SQLException {
    Transfer tooMuch = new Transfer("T2", 0, 0, OPENING_BALANCE_CENTS + 1);
    Transfer aboveLimit = new Transfer("T3", 0, 0, DebitDatabase.TRANSFER_LIMIT_CENTS + 1);

    assertThat(database.debit(tooMuch, "tx-1")).isEqualTo(DebitResult.REFUSED);
    assertThat(database.debit(aboveLimit, "tx-2")).isEqualTo(DebitResult.REFUSED);
    assertThat(balance()).isEqualTo(OPENING_BALANCE_CENTS);
  }

  private long balance() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT SUM(balance_cents) FROM account")) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }
}
