package io.escrowmq.samples.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.samples.bank.credit.CreditDatabase;
import io.escrowmq.samples.bank.debit.DebitDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** The judge must see every way in which the money can be wrong. */
final class AuditTest {
  private DataSource debitSide;
  private DataSource creditSide;

  @BeforeEach
  void createDatabases(TestInfo test) throws SQLException {
    String name = test.getTestMethod().orElseThrow().getName();
    debitSide = TestDatabase.named("audit-debit-" + name);
    creditSide = TestDatabase.named("audit-credit-" + name);
    new DebitDatabase(debitSide, Clock.systemUTC()).create(1, 1_000);
    new CreditDatabase(creditSide, Clock.systemUTC()).create(1, 1_000);
  }

  @Test
  void passesWhatIsRight() throws SQLException {
    debited(100, 1);
    credited(100, 1);

    Audit audit = Audit.of(debitSide, creditSide, 2_000);

    assertThat(audit.findings()).isEmpty();
    assertThat(audit.conserved()).isTrue();
    assertThat(audit.moneyAfterCents()).isEqualTo(2_000);
  }

  @Test
  void seesALostMessage() throws SQLException {
    debited(100, 1);

    assertThat(Audit.of(debitSide, creditSide, 2_000).findings())
        .containsExactly(
            "T1: 1.00 were debited but never credited", "there were 20.00 and now there are 19.00");
  }

  @Test
  void seesAMessageThatShouldNotHaveBeenVisible() throws SQLException {
    credited(100, 1);

    assertThat(Audit.of(debitSide, creditSide, 2_000).findings())
        .containsExactly(
            "T1: 1.00 were credited but never debited", "there were 20.00 and now there are 21.00");
  }

  @Test
  void seesACreditAppliedTwice() throws SQLException {
    debited(100, 1);
    credited(100, 2);

    assertThat(Audit.of(debitSide, creditSide, 2_000).findings())
        .containsExactly("there were 20.00 and now there are 21.00");
  }

  @Test
  void seesAMissingJournalRow() throws SQLException {
    debited(100, 0);
    credited(100, 1);

    assertThat(Audit.of(debitSide, creditSide, 2_000).findings())
        .containsExactly("T1: debited, with 0 journal rows instead of 1");
  }

  private void debited(long cents, int journalRows) throws SQLException {
    execute(debitSide, "INSERT INTO transfer VALUES ('T1', 0, " + cents + ", CURRENT_TIMESTAMP)");
    execute(debitSide, "UPDATE account SET balance_cents = balance_cents - " + cents);
    for (int row = 0; row < journalRows; row++) {
      execute(
          debitSide,
          "INSERT INTO escrow_tx VALUES ('tx" + row + "', 'C', 'T1', CURRENT_TIMESTAMP)");
    }
  }

  private void credited(long cents, int times) throws SQLException {
    execute(creditSide, "INSERT INTO inbox VALUES ('T1', 0, " + cents + ", CURRENT_TIMESTAMP)");
    execute(creditSide, "UPDATE account SET balance_cents = balance_cents + " + cents * times);
  }

  private static void execute(DataSource dataSource, String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
