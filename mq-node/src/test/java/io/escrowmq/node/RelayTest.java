package io.escrowmq.node;

import static io.escrowmq.node.IntakeFixture.SOON;
import static io.escrowmq.node.IntakeFixture.bank;
import static io.escrowmq.node.IntakeFixture.connect;
import static io.escrowmq.node.IntakeFixture.execute;
import static io.escrowmq.node.IntakeFixture.query;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.storage.commitlog.CommitLogStorageProvider;
import io.escrowmq.storage.jdbc.IntakeSchema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that applications enqueue in a database while the store is somewhere else. */
class RelayTest {

  @TempDir Path directory;

  @Test
  void fromPostgresqlIntoTheCommitlog() throws Exception {
    relayed(bank());
  }

  @Test
  void fromH2IntoTheCommitlog() throws Exception {
    String bank = "jdbc:h2:" + directory.resolve("bank") + ";USER=sa";
    try (Connection keepsItOpen = connect(bank)) {
      execute(keepsItOpen, IntakeSchema.script("h2", "PUBLIC"));
      keepsItOpen.commit();
      relayed(bank);
    }
  }

  @Test
  void aWrongPasswordIsSomethingToCorrectBeforeTheServerStarts() throws Exception {
    String bank = "jdbc:h2:" + directory.resolve("bank");
    try (Connection keepsItOpen = connect(bank + ";USER=owner;PASSWORD=known")) {
      execute(keepsItOpen, IntakeSchema.script("h2", "PUBLIC"));
      assertThatThrownBy(() -> relaying(bank + ";USER=owner;PASSWORD=guessed"))
          .isInstanceOfSatisfying(
              NodeStartException.class,
              e -> {
                assertThat(e).hasMessageContaining("Wrong user name or password");
                assertThat(e.remedy()).contains("username", "password");
              });
    }
  }

  private void relayed(String bank) throws SQLException {
    insert(bank, 0, 100);
    try (IntakeFixture node = relaying(bank);
        Connection business = connect(bank)) {
      insert(business, "rolled back");
      business.rollback();
      insert(bank, 100, 200);
      awaitAll(node, 200);
      assertThat(query(bank, "select count(*) from escrow_intake")).isEqualTo("0");
      assertThat(MessageProperties.parse(node.messages("relayed").getFirst().propertiesText()))
          .containsKey(MessageProperties.UNIQUE_KEY);
    }
    // A new server goes on where the old one ended, and brings nothing again.
    insert(bank, 200, 250);
    try (IntakeFixture node = relaying(bank)) {
      awaitAll(node, 250);
      assertThat(node.statistic("moved-messages-total")).isEqualTo(50);
    }
  }

  private IntakeFixture relaying(String bank) {
    return IntakeFixture.relaying(directory.resolve("node"), new CommitLogStorageProvider(), bank);
  }

  private static void awaitAll(IntakeFixture node, int count) {
    List<String> all = IntStream.range(0, count).mapToObj(i -> "m" + i).toList();
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(node.texts("relayed")).containsExactlyElementsOf(all));
  }

  private static void insert(String bank, int from, int to) throws SQLException {
    try (Connection business = connect(bank)) {
      for (int i = from; i < to; i++) {
        insert(business, "m" + i);
        business.commit();
      }
    }
  }

  /** What an application does where there is no function to call. */
  private static void insert(Connection business, String text) throws SQLException {
    try (PreparedStatement insert =
        business.prepareStatement(
            "insert into escrow_intake (topic, body, ordering_key) values ('relayed', ?, 'one')")) {
      insert.setBytes(1, text.getBytes(UTF_8));
      insert.executeUpdate();
    }
  }
}
