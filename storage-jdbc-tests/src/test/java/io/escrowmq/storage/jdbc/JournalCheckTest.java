package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.storage.jdbc.journal.JournalCheck;
import io.escrowmq.storage.jdbc.journal.JournalCheck.Verdict;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tombstone check on a business database, against local transactions in every state. */
final class JournalCheckTest {

  private static final String DDL =
      "create table escrow_tx (tx_id varchar(64) primary key, state char(1) not null,"
          + " created_at timestamp default current_timestamp)";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"h2", "postgresql"})
  void whatIsCommittedIsCommittedAndWhatIsNotThereNeverWillBe(String vendor) throws SQLException {
    String url = prepared(vendor);
    PostgresServer.execute(url, "insert into escrow_tx (tx_id, state) values ('done', 'C')");
    try (JournalCheck check = new JournalCheck(place(url))) {
      assertThat(check.settle("done")).contains(Verdict.COMMITTED);
      assertThat(check.settle("never")).contains(Verdict.ROLLED_BACK);
      assertThat(check.settle("never")).contains(Verdict.ROLLED_BACK);
      assertThatThrownBy(() ->
              PostgresServer.execute(
                  url, "insert into escrow_tx (tx_id, state) values ('never', 'C')"))
          .hasCauseInstanceOf(SQLException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "postgresql"})
  void aLocalTransactionInFlightIsWaitedFor(String vendor) throws Exception {
    String url = prepared(vendor);
    for (boolean commits : new boolean[] {true, false}) {
      String key = "flying-" + commits;
      try (JournalCheck check = new JournalCheck(place(url));
          Connection local = DriverManager.getConnection(url)) {
        local.setAutoCommit(false);
        try (var insert = local.createStatement()) {
          insert.execute("insert into escrow_tx (tx_id, state) values ('" + key + "', 'C')");
        }
        CompletableFuture<Optional<Verdict>> answer = new CompletableFuture<>();
        Thread.ofVirtual()
            .start(() -> {
              try {
                answer.complete(check.settle(key));
              } catch (SQLException e) {
                answer.completeExceptionally(e);
              }
            });
        // Whatever it answers while the transaction is open, it must not be a decision.
        assertThat(answer.completeOnTimeout(Optional.empty(), 300, TimeUnit.MILLISECONDS).get())
            .isEmpty();
        if (commits) {
          local.commit();
        } else {
          local.rollback();
        }
        assertThat(check.settle(key)).contains(commits ? Verdict.COMMITTED : Verdict.ROLLED_BACK);
      }
    }
  }

  @Test
  @Tag("mariadb")
  void theSameOnMariaDb() throws Exception {
    whatIsCommittedIsCommittedAndWhatIsNotThereNeverWillBe("mariadb");
    PostgresServer.execute(MariaDbServer.urlFor(directory), "drop table escrow_tx");
    aLocalTransactionInFlightIsWaitedFor("mariadb");
  }

  @Test
  void aRoleForTheJournalIsEnough() throws SQLException {
    String url = prepared("postgresql");
    String schema = url.substring(url.lastIndexOf('=') + 1);
    PostgresServer.execute(url, "create table accounts (id int)");
    PostgresServer.execute(url, "create role checker_" + schema + " login");
    PostgresServer.execute(url, "grant usage on schema " + schema + " to checker_" + schema);
    PostgresServer.execute(url, "grant select, insert on escrow_tx to checker_" + schema);
    String asRole = url.replace("user=postgres", "user=checker_" + schema);
    assertThatThrownBy(() -> PostgresServer.execute(asRole, "select * from accounts"))
        .hasStackTraceContaining("permission denied");
    try (JournalCheck check = new JournalCheck(place(asRole))) {
      assertThat(check.settle("k")).contains(Verdict.ROLLED_BACK);
    }
  }

  @Test
  void whatCannotBeAskedIsNoAnswer() {
    try (JournalCheck nowhere =
        new JournalCheck(place("jdbc:h2:mem:no-journal-" + directory.getFileName()))) {
      assertThatThrownBy(() -> nowhere.settle("k")).isInstanceOf(SQLException.class);
    }
    assertThatThrownBy(
            () -> new JournalCheck.Place("jdbc:h2:mem:x", null, null, "t; drop table a", "k", "s"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private String prepared(String vendor) {
    String url =
        switch (vendor) {
          case "h2" -> "jdbc:h2:mem:journal-" + directory.getFileName() + ";DB_CLOSE_DELAY=-1";
          case "mariadb" -> MariaDbServer.urlFor(directory);
          default -> PostgresServer.urlFor(directory);
        };
    PostgresServer.execute(url, DDL);
    return url;
  }

  private static JournalCheck.Place place(String url) {
    return new JournalCheck.Place(url, null, null, "escrow_tx", "tx_id", "state");
  }
}
