package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the contract kit cannot know: refusing databases, lost connections, schemas. */
class PostgresStorageTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);

  @TempDir Path directory;

  @Test
  void aRefusedBatchDoesNotTakeItsGroupWithIt() {
    try (Storage storage = open(Map.of())) {
      PostgresServer.execute(
          url(), "alter table mq_row add constraint no_poison check (row_value <> 'poison')");
      List<CompletableFuture<WriteReceipt>> pending = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Mutation append = new Mutation.Append(QUEUE, SampleMessages.message(QUEUE, "m" + i));
        Bytes value = Bytes.utf8(i == 20 ? "poison" : "fine");
        Mutation put = new Mutation.Put("kit", Bytes.utf8("k" + i), value);
        pending.add(storage.write(WriteBatch.of(append, put)).toCompletableFuture());
      }
      for (int i = 0; i < 40; i++) {
        CompletableFuture<WriteReceipt> receipt = pending.get(i);
        if (i == 20) {
          assertThatThrownBy(receipt::join)
              .isInstanceOf(CompletionException.class)
              .hasCauseInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("no_poison");
        } else {
          assertThat(receipt.join().outcome(0).queueOffset()).isEqualTo(i < 20 ? i : i - 1);
        }
      }
      assertThat(storage.log().bounds(QUEUE).max()).isEqualTo(39);
      assertThat(storage.maintenance().health().writable()).isTrue();
    }
  }

  @Test
  void aTerminatedConnectionIsReplacedWithoutAnError() {
    try (Storage storage = open(Map.of())) {
      for (int i = 0; i < 5; i++) {
        assertThat(append(storage, "m" + i)).isEqualTo(i);
        PostgresServer.execute(
            url(),
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name ="
                + " 'escrowmq-writer'");
      }
      assertThat(append(storage, "last")).isEqualTo(5);
      assertThat(storage.maintenance().health().writable()).isTrue();
    }
  }

  @Test
  void aServerThatLostTheStoreToAnotherWritesNothingOfAnOldEpoch() {
    try (Storage storage = open(Map.of())) {
      append(storage, "mine");
      PostgresServer.execute(
          url(),
          "insert into mq_group select group_no + 1, epoch + 1, last_position + 100, last_version,"
              + " last_queue_id, store_ms, visible_messages, visible_bytes, holds from mq_group"
              + " order by group_no desc limit 1");
      assertThat(append(storage, "after taking it over again")).isEqualTo(1);
      assertThat(storage.log().at(102)).map(SampleMessages::textOf).isPresent();
    }
  }

  @Test
  void theTableOfCommitsStaysSmall() throws SQLException {
    try (Storage storage = open(Map.of())) {
      for (int i = 0; i < 1_200; i++) {
        append(storage, "m" + i);
      }
      try (Connection connection = DriverManager.getConnection(url());
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("select count(*) from mq_group")) {
        row.next();
        assertThat(row.getInt(1)).isBetween(1_000, 1_032);
      }
    }
  }

  /** Bodies that stay in the database at first come with a second look. */
  @Test
  void pagesOfSmallAndLargeMessagesKeepTheirLimit() {
    int[] bodies = {10, 100_000, 10, 3_000_000, 3_000_000, 10, 5_000, 4_096, 70_000, 10};
    try (Storage storage = open(Map.of())) {
      List<Message> sent = new ArrayList<>();
      for (int bytes : bodies) {
        Message message = SampleMessages.sized(QUEUE, bytes);
        sent.add(message);
        storage
            .write(WriteBatch.of(new Mutation.Append(QUEUE, message)))
            .toCompletableFuture()
            .join();
      }
      for (int maxBytes : new int[] {1, 5_000, 110_000, 256 << 10, 4 << 20, 1 << 30}) {
        for (int maxMessages : new int[] {1, 3, 100}) {
          List<Message> read = new ArrayList<>();
          while (read.size() < sent.size()) {
            try (MessageBatch batch =
                storage.log().read(QUEUE, read.size(), new ReadLimits(maxMessages, maxBytes))) {
              List<Message> page = batch.messages();
              assertThat(page).hasSizeBetween(1, maxMessages);
              long bytes = page.stream().mapToLong(Message::size).sum();
              assertThat(page.size() == 1 || bytes <= maxBytes).as("%s bytes", bytes).isTrue();
              read.addAll(page);
            }
          }
          assertThat(read.stream().map(SampleMessages::unstamped)).containsExactlyElementsOf(sent);
        }
      }
    }
  }

  @Test
  void consumersAtTheTailDoNotTouchTheDatabase() throws SQLException {
    try (Storage storage = open(Map.of("tail-cache-bytes", "1000000"))) {
      HoldId id = new HoldId(1, 1);
      Message half = SampleMessages.message(QUEUE, "half");
      append(storage, "first");
      write(storage, new Mutation.Hold(id, QUEUE, half, HoldKind.TRANSACTION, 1, Bytes.utf8("")));
      write(storage, new Mutation.Release(id));
      append(storage, "last");
      try (Connection connection = DriverManager.getConnection(url());
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute("lock table mq_message in access exclusive mode");
        try (MessageBatch batch = storage.log().read(QUEUE, 0, new ReadLimits(10, 1 << 20))) {
          assertThat(batch.messages().stream().map(SampleMessages::textOf))
              .containsExactly("first", "half", "last");
        }
      }
      assertThat(storage.maintenance().statistics())
          .containsEntry("tail-cache-hits-total", 1L)
          .containsEntry("tail-cache-misses-total", 0L);
    }
    try (Storage storage = open(Map.of("tail-cache-bytes", "1000000"));
        MessageBatch batch = storage.log().read(QUEUE, 0, new ReadLimits(10, 1 << 20))) {
      assertThat(batch.messages()).hasSize(3);
      assertThat(storage.maintenance().statistics()).containsEntry("tail-cache-misses-total", 1L);
    }
  }

  @Test
  void messagesAreReadableForPeople() {
    try (Storage storage = open(Map.of())) {
      storage
          .write(
              WriteBatch.of(
                  new Mutation.Append(
                      QUEUE, SampleMessages.indexed(QUEUE, "hello", "order-7 vip", "u-1"))))
          .toCompletableFuture()
          .join();
      PostgresServer.execute(
          url(),
          "do $$ begin assert (select count(*) from mq_messages where topic = 'orders' and"
              + " queue_no = 0 and queue_offset = 0 and message_keys = 'order-7 vip' and"
              + " properties::jsonb->>'UNIQ_KEY' = 'u-1' and convert_from(body, 'UTF8') ="
              + " 'hello') = 1; end $$");
    }
  }

  @Test
  void aMissingSchemaSaysWhatToDo() {
    assertThatThrownBy(() -> open(Map.of("schema", "validate")))
        .isInstanceOfSatisfying(
            StorageException.Unavailable.class,
            e -> {
              assertThat(e.getMessage()).contains("no EscrowMQ tables");
              assertThat(e.remedy()).contains("./mq storage ddl --vendor postgresql");
            });
  }

  @Test
  void aSchemaMadeByHandIsTaken() {
    PostgresServer.execute(url(), Schema.script("postgresql"));
    try (Storage storage = open(Map.of("schema", "validate"))) {
      assertThat(append(storage, "m")).isZero();
    }
    open(Map.of()).close();
  }

  @Test
  void aNewerSchemaIsNotTouched() {
    open(Map.of()).close();
    PostgresServer.execute(url(), "insert into mq_schema values (99)");
    assertThatThrownBy(() -> open(Map.of()))
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining("version 99");
  }

  @Test
  void aDatabaseThatIsNotThereSaysSo() {
    assertThatThrownBy(() -> open(Map.of("url", "jdbc:postgresql://127.0.0.1:1/none?user=nobody")))
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining("cannot be opened");
  }

  private String url() {
    return PostgresServer.urlFor(directory);
  }

  private Storage open(Map<String, String> more) {
    Map<String, String> options = new HashMap<>(new PostgresEngine().options(directory));
    options.putAll(more);
    StorageSettings defaults = StorageSettings.defaults(directory);
    return new JdbcStorageProvider()
        .open(
            new StorageSettings(
                directory,
                defaults.durability(),
                defaults.decisionRetention(),
                defaults.retention(),
                options),
            StorageContext.system());
  }

  private static void write(Storage storage, Mutation mutation) {
    storage.write(WriteBatch.of(mutation)).toCompletableFuture().join();
  }

  private static long append(Storage storage, String text) {
    return storage
        .write(WriteBatch.of(new Mutation.Append(QUEUE, SampleMessages.message(QUEUE, text))))
        .toCompletableFuture()
        .join()
        .outcome(0)
        .queueOffset();
  }
}
