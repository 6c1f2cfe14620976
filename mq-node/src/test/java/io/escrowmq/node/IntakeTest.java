package io.escrowmq.node;

import static io.escrowmq.node.IntakeFixture.SOON;
import static io.escrowmq.node.IntakeFixture.bank;
import static io.escrowmq.node.IntakeFixture.connect;
import static io.escrowmq.node.IntakeFixture.execute;
import static io.escrowmq.node.IntakeFixture.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageProperties;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that applications enqueue in the database that the store is in, too. */
class IntakeTest {

  @TempDir Path directory;

  @Test
  void whatIsCommittedBecomesAMessageAndWhatIsRolledBackDoesNot() throws Exception {
    String bank = bank();
    try (IntakeFixture node = IntakeFixture.beside(directory, bank, settings -> settings);
        Connection business = connect(bank)) {
      execute(business, "select escrowmq_send('transfers', 'rolled back')");
      business.rollback();
      String key =
          query(
              business,
              "select escrowmq_send('transfers', 'hello', message_keys => 'k1 k2', tags => 'eur',"
                  + " properties => '{\"amount\": 12.5, \"to\": \"a\\\"b\"}')");
      assertThat(node.texts("transfers")).isEmpty();
      business.commit();

      await().atMost(SOON).untilAsserted(() -> assertThat(node.texts("transfers")).hasSize(1));
      Message message = node.messages("transfers").getFirst();
      assertThat(IntakeFixture.text(message)).isEqualTo("hello");
      assertThat(MessageProperties.parse(message.propertiesText()))
          .containsEntry(MessageProperties.KEYS, "k1 k2")
          .containsEntry(MessageProperties.TAGS, "eur")
          .containsEntry("amount", "12.5")
          .containsEntry("to", "a\"b")
          .containsEntry(MessageProperties.UNIQUE_KEY, key);
      assertThat(query(bank, "select count(*) from escrow_intake")).isEqualTo("0");
      assertThat(node.statistic("moved-messages-total")).isEqualTo(1);
    }
  }

  @Test
  void messagesOfAKeyKeepTheirOrderAndTheirQueue() throws Exception {
    String bank = bank();
    execute(
        bank,
        "do $$ begin for i in 1..300 loop perform escrowmq_send('orders', 'm' || i, ordering_key"
            + " => 'customer' || i % 5); end loop; end $$");
    try (IntakeFixture node = IntakeFixture.beside(directory, bank, settings -> settings)) {
      for (int i = 301; i <= 400; i++) {
        execute(
            bank,
            "select escrowmq_send('orders', 'm"
                + i
                + "', ordering_key => 'customer"
                + i % 5
                + "')");
      }
      await().atMost(SOON).untilAsserted(() -> assertThat(node.texts("orders")).hasSize(400));

      for (int customer = 0; customer < 5; customer++) {
        String key = "customer" + customer;
        int rest = customer;
        List<Message> all =
            node.messages("orders").stream()
                .filter(m -> key.equals(m.property("__SHARDINGKEY").orElse("")))
                .toList();
        assertThat(all.stream().map(IntakeFixture::text))
            .containsExactlyElementsOf(
                IntStream.rangeClosed(1, 400)
                    .filter(i -> i % 5 == rest)
                    .mapToObj(i -> "m" + i)
                    .toList());
        assertThat(all.stream().map(m -> m.queueId().queue()).distinct())
            .containsExactly(Math.abs(key.hashCode() % IntakeFixture.QUEUES));
      }
    }
  }

  @Test
  void aDeliveryTimeIsKept() throws Exception {
    String bank = bank();
    try (IntakeFixture node = IntakeFixture.beside(directory, bank, settings -> settings)) {
      String due =
          query(
              bank,
              "select escrowmq_send('later', 'x', deliver_at => clock_timestamp() + interval '1.5"
                  + " seconds') is not null");
      assertThat(due).isEqualTo("t");
      await().atMost(SOON).until(() -> node.statistic("moved-messages-total") == 1);
      assertThat(node.texts("later")).isEmpty();
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(node.texts("later")).containsExactly("x"));
      Message message = node.messages("later").getFirst();
      long dueMs = Long.parseLong(message.property(MessageProperties.DELIVER_AT_MS).orElseThrow());
      assertThat(message.storeTimeMs()).isGreaterThanOrEqualTo(dueMs);
    }
  }

  @Test
  void whatTheFunctionCanCheckIsRefusedAtTheCall() throws SQLException {
    String bank = bank();
    Map.of(
            "'no such:name', 'x'", "no topic can be called 'no such:name'",
            "'%t', 'x'", "no topic can be called '%t'",
            "repeat('t', 128), 'x'", "Names have 1 to 127 characters",
            "'t', repeat('x', 4194305)", "the body has 4194305 bytes",
            "'t', 'x', properties => '[1]'", "the properties are of type array",
            "'t', 'x', ordering_key => ''", "the ordering key has 0 bytes",
            "'t', 'x', tags => repeat('x', 4097)", "the tags 4097",
            "'t', 'x', deliver_at => 'infinity'", "cannot be delivered at infinity")
        .forEach((call, complaint) ->
            assertThatThrownBy(() -> execute(bank, "select escrowmq_send(" + call + ")"))
                .as(call)
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(complaint));
  }

  @Test
  void whatCanNeverBeSentIsPutAsideAndHoldsNobodyUp() throws Exception {
    String bank = bank();

    try (IntakeFixture node =
        IntakeFixture.beside(
            directory,
            bank,
            s -> s.withBroker(s.broker().withTopics(s.broker().topics().withAutoCreate(false))))) {
      execute(bank, "select escrowmq_send('unknown', 'no topic', ordering_key => 'k')");
      execute(
          bank,
          "select escrowmq_send('RMQ_SYS_TRACE_TOPIC', 'nested', properties => '{\"a\": {}}')");
      execute(
          bank,
          "select escrowmq_send('RMQ_SYS_TRACE_TOPIC', 'half', properties => '{\"TRAN_MSG\": true}')");
      execute(
          bank,
          "insert into escrow_intake (topic, body) values ('no such:name', 'inserted'),"
              + " (repeat('x', 1000), 'long'), ('RMQ_SYS_TRACE_TOPIC',"
              + " convert_to('big' || repeat('x', 4194304), 'UTF8'))");
      execute(bank, "select escrowmq_send('RMQ_SYS_TRACE_TOPIC', 'good', ordering_key => 'k')");

      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(node.texts("RMQ_SYS_TRACE_TOPIC")).containsExactly("good"));
      assertThat(
              query(
                  bank,
                  "select string_agg(convert_from(substr(body, 1, 10), 'UTF8') || ': ' || reason, '; ' order by id) from escrow_intake_rejected"))
          .contains(
              "no topic: topic unknown does not exist and auto-creation is off",
              "nested: the property a is not a text or a number",
              "half: a message that was enqueued in a transaction cannot be a half message",
              "inserted: ",
              "long: ",
              "bigxxxxxxx: the body has more than 4194304 bytes");
      assertThat(node.statistic("rejected-messages-total")).isEqualTo(6);

      execute(
          bank,
          "update escrow_intake_rejected set topic = 'RMQ_SYS_TRACE_TOPIC' where reason like 'topic unknown%'");
      execute(
          bank,
          "select escrowmq_send_again(id) from escrow_intake_rejected where topic = 'RMQ_SYS_TRACE_TOPIC' and reason like 'topic unknown%'");
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(node.texts("RMQ_SYS_TRACE_TOPIC")).contains("no topic"));
    }
  }

  @Test
  void aLongTransactionDelaysItsOwnMessagesOnly() throws Exception {
    String bank = bank();
    try (IntakeFixture node = IntakeFixture.beside(directory, bank, settings -> settings);
        Connection slow = connect(bank)) {
      execute(slow, "select escrowmq_send('mixed', 'slow')");
      for (int i = 0; i < 50; i++) {
        execute(bank, "select escrowmq_send('mixed', 'quick" + i + "')");
      }
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(node.texts("mixed")).hasSize(50).doesNotContain("slow"));
      slow.commit();
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(node.texts("mixed")).hasSize(51).contains("slow"));
    }
  }

  @Test
  void anOldSnapshotThatKeepsDeadRowsDoesNotSlowTheMoverDown() throws Exception {
    String bank = bank();
    try (IntakeFixture node = IntakeFixture.beside(directory, bank, settings -> settings);
        Connection idle = connect(bank)) {
      idle.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      assertThat(query(idle, "select count(*) from escrow_intake")).isEqualTo("0");
      for (int i = 0; i < 10; i++) {
        execute(
            bank,
            "do $$ begin for i in 1..2000 loop perform escrowmq_send('many', 'x'); end loop; end"
                + " $$");
      }
      await().atMost(SOON).until(() -> node.statistic("moved-messages-total") == 20_000);
      String passed =
          "select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes where indexrelname ="
              + " 'escrow_intake_by_tx' and schemaname = current_schema()";
      long before = Long.parseLong(query(bank, passed));
      for (int i = 1; i <= 100; i++) {
        int wanted = 20_000 + i;
        execute(bank, "select escrowmq_send('many', 'x')");
        await()
            .atMost(SOON)
            .pollInterval(Duration.ofMillis(5))
            .until(() -> node.statistic("moved-messages-total") == wanted);
      }
      // Sessions tell at most once a second what they did. All 20 000 dead rows are still there.
      await().atMost(SOON).until(() -> Long.parseLong(query(bank, passed)) > before);
      assertThat(Long.parseLong(query(bank, passed)) - before).isLessThan(400_000);
    }
  }

  @Test
  void nobodyCallsTheServerWhileItIsBusy() throws Exception {
    String bank = bank();
    String asleep = "select bool_or(asleep) from escrow_intake_mover";
    try (IntakeFixture node = IntakeFixture.beside(directory, bank, settings -> settings)) {
      await().atMost(SOON).untilAsserted(() -> assertThat(query(bank, asleep)).isEqualTo("t"));
      AtomicBoolean enough = new AtomicBoolean();
      Thread load =
          Thread.ofVirtual()
              .start(() -> {
                // So much at once that every look finds more.
                while (!enough.get()) {
                  uncheckedExecute(
                      bank,
                      "do $$ begin for i in 1..1500 loop perform escrowmq_send('busy', 'x'); end"
                          + " loop; end $$");
                }
              });
      try {
        await().atMost(SOON).until(() -> node.statistic("moved-messages-total") > 3000);
        assertThat(query(bank, asleep)).isEqualTo("f");
      } finally {
        enough.set(true);
        assertThat(load.join(SOON)).isTrue();
      }
    }
  }

  private static void uncheckedExecute(String url, String sql) {
    try {
      execute(url, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aTriggerCanEnqueue() throws Exception {
    String bank = bank();
    execute(
        bank,
        """
        create table account (id int primary key, balance int not null);
        insert into account values (1, 100);
        create function tell() returns trigger language plpgsql as $$
        begin
          perform escrowmq_send('balances', to_jsonb(new)::text, ordering_key => new.id::text);
          return null;
        end $$;
        create trigger tell after update on account for each row execute function tell();
        """);
    try (IntakeFixture node = IntakeFixture.beside(directory, bank, settings -> settings)) {
      execute(bank, "update account set balance = balance - 30 where id = 1");

      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(node.texts("balances")).containsExactly("{\"id\": 1, \"balance\": 70}"));
    }
  }

  @Test
  void aRowThatSomebodyHoldsIsMovedWhenItIsFree() throws Exception {
    String bank = bank();
    execute(bank, "select escrowmq_send('held', 'locked'), escrowmq_send('held', 'free')");
    try (Connection holder = connect(bank)) {
      assertThat(query(holder, "select id from escrow_intake where body = 'locked' for update"))
          .isNotEmpty();
      try (IntakeFixture node = IntakeFixture.beside(directory, bank, settings -> settings)) {
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(node.texts("held")).containsExactly("free"));
        holder.rollback();
        await()
            .atMost(SOON)
            .untilAsserted(
                () -> assertThat(node.texts("held")).containsExactlyInAnyOrder("free", "locked"));
      }
    }
  }

  @Test
  void everyRowIsMovedOnceWhileServersComeAndGo() throws Exception {
    String bank = bank();
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try (Connection business = connect(bank)) {
                for (int i = 0; i < 2000; i++) {
                  execute(business, "select escrowmq_send('flow', 'n" + i + "')");
                  if (i % 3 == 0) {
                    business.commit();
                  }
                }
                business.commit();
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    for (int round = 0; round < 3; round++) {
      IntakeFixture.beside(directory.resolve("r" + round), bank, settings -> settings).close();
    }
    try (IntakeFixture node = IntakeFixture.beside(directory, bank, settings -> settings)) {
      assertThat(writer.join(SOON)).isTrue();
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(node.texts("flow")).hasSizeGreaterThanOrEqualTo(2000));
      List<String> texts = new ArrayList<>(node.texts("flow"));
      Set<String> distinct = new HashSet<>(texts);
      assertThat(texts).hasSize(2000);
      assertThat(distinct).hasSize(2000);
    }
  }

  @Test
  void withoutTablesTheServerRefusesToStartAndSaysWhatToDo() {
    String url = IntakeFixture.freshUrl();
    assertThatThrownBy(() -> IntakeFixture.beside(directory, url, settings -> settings))
        .isInstanceOfSatisfying(
            NodeStartException.class,
            e ->
                assertThat(e.remedy())
                    .contains(
                        "./mq intake ddl --vendor postgresql --schema "
                            + IntakeFixture.schemaOf(url)));
  }
}
