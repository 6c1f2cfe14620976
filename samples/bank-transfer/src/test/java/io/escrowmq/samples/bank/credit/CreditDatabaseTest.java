package io.escrowmq.samples.bank.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.samples.bank.TestDatabase;
import io.escrowmq.samples.bank.contract.Transfer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

final class CreditDatabaseTest {
  @Test
  void aTransferIsCreditedOnce() throws SQLException {
    DataSource dataSource = TestDatabase.named("credit-once");
    CreditDatabase database = new CreditDatabase(dataSource, Clock.systemUTC());
    database.create(2, 1_000);
    Transfer transfer = new Transfer("T1", 0, 1, 100);

    assertThat(database.credit(transfer)).isTrue();
    assertThat(database.credit(transfer)).isFalse();

    assertThat(total(dataSource)).isEqualTo(2_100);
  }

  @Test
  void aFailedCreditLeavesNoInboxRowSoThatItCanBeTriedAgain() throws SQLException {
    DataSource dataSource = TestDatabase.named("credit-failed");
    CreditDatabase database = new CreditDatabase(dataSource, Clock.systemUTC());
    database.create(1, 1_000);
    Transfer transfer = new Transfer("T1", 0, 99, 100);

    assertThatThrownBy(() -> database.credit(transfer)).hasMessageContaining("no account 99");
    assertThatThrownBy(() -> database.credit(transfer)).hasMessageContaining("no account 99");
    assertThat(total(dataSource)).isEqualTo(1_000);
  }

  private static long total(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT SUM(balance_cents) FROM account")) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }
}
