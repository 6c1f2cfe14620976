package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the contract kit cannot know of MariaDB: its limits, its locks, its schemas. */
@Tag("mariadb")
class MariaDbStorageTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);

  /** Ends the session that has the store. */
  private static final String KILL_WRITER =
      "execute immediate concat('kill ', is_used_lock(concat('escrowmq-', sha1(database()))))";

  @TempDir Path directory;

  @Test
  void aRefusedBatchDoesNotTakeItsGroupWithIt() {
    try (Storage storage = open(Map.of())) {
      execute("alter table mq_row add constraint no_poison check (row_value <> 'poison')");
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
  void aKilledSessionIsReplacedWithoutAnError() {
    try (Storage storage = open(Map.of())) {
      for (int i = 0; i < 5; i++) {
        assertThat(append(storage, "m" + i)).isEqualTo(i);
        execute(KILL_WRITER);
      }
      assertThat(append(storage, "last")).isEqualTo(5);
      assertThat(storage.maintenance().health().writable()).isTrue();
    }
  }

  @Test
  void aSecondServerIsRefusedUntilTheFirstIsGone() {
    try (Storage first = open(Map.of())) {
      append(first, "m");
      assertThatThrownBy(() -> open(Map.of("own-timeout-ms", "0")))
          .isInstanceOf(StorageException.Unavailable.class)
          .hasMessageContaining("open in another server");
    }
    open(Map.of("own-timeout-ms", "0")).close();
  }

  @Test
  void aServerThatLostTheStoreToAnotherWritesNothingOfAnOldEpoch() {
    try (Storage storage = open(Map.of())) {
      append(storage, "mine");
      execute(
          "insert into mq_group select group_no + 1, epoch + 1, last_position + 100, last_version,"
              + " last_queue_id, store_ms, visible_messages, visible_bytes, holds from mq_group"
              + " order by group_no desc limit 1");
      assertThat(append(storage, "after taking it over again")).isEqualTo(1);
      assertThat(storage.log().at(102)).map(SampleMessages::textOf).isPresent();
    }
  }

  /** A lock that somebody holds for longer than the engine waits for it is waited for again. */
  @Test
  void aRowThatSomebodyLockedIsWaitedFor() throws Exception {
    try (Storage storage = open(Map.of("write-deadline-ms", "60000"));
        Connection other = DriverManager.getConnection(url());
        Statement statement = other.createStatement()) {
      append(storage, "first");
      other.setAutoCommit(false);
      // The gap after the newest row too, where the next group goes.
      statement.execute("select * from mq_group for update");
      CompletableFuture<WriteReceipt> waiting =
          storage
              .write(WriteBatch.of(new Mutation.Append(QUEUE, SampleMessages.message(QUEUE, "m"))))
              .toCompletableFuture();
      assertThatThrownBy(() -> waiting.get(12, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);
      other.rollback();
      assertThat(waiting.get(30, TimeUnit.SECONDS).outcome(0).queueOffset()).isEqualTo(1);
    }
  }

  @Test
  void namesAreComparedWithCaseAndTrailingBlanks() {
    try (Storage storage = open(Map.of())) {
      for (String topic :
          new String[] {"orders", "Orders", "orders ", "\u00F6rders", "o\u0308rders"}) {
        QueueId queue = new QueueId(topic, 0);
        Mutation append = new Mutation.Append(queue, SampleMessages.message(queue, topic));
        assertThat(written(storage, append).outcome(0).queueOffset()).isZero();
      }
      assertThat(
              written(storage, new Mutation.Put("kit", Bytes.utf8("k"), Bytes.utf8("1"))).applied())
          .isTrue();
      assertThat(storage.tables().get("kit", Bytes.utf8("K"))).isEmpty();
      assertThat(storage.tables().get("kit", Bytes.utf8("k "))).isEmpty();
    }
    try (Storage storage = open(Map.of())) {
      assertThat(storage.log().bounds(new QueueId("orders ", 0)).max()).isEqualTo(1);
    }
  }

  @Test
  void manyHoldsAreReleasedInOneBatch() {
    int count = 2_500;
    try (Storage storage = open(Map.of())) {
      List<Mutation> holds = new ArrayList<>();
      List<Mutation> releases = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        HoldId id = new HoldId(-i, i);
        holds.add(
            new Mutation.Hold(
                id,
                QUEUE,
                SampleMessages.message(QUEUE, "m" + i),
                HoldKind.TRANSACTION,
                i,
                Bytes.utf8("a")));
        releases.add(new Mutation.Release(id));
      }
      written(storage, holds.toArray(Mutation[]::new));
      WriteReceipt released = written(storage, releases.toArray(Mutation[]::new));
      assertThat(released.outcomes())
          .extracting(Outcome::queueOffset)
          .hasSize(count)
          .doesNotHaveDuplicates();
      assertThat(storage.maintenance().statistics()).containsEntry("holds", 0L);
      assertThat(storage.log().bounds(QUEUE).max()).isEqualTo(count);
      assertThat(storage.maintenance().verify().records()).isEqualTo(count);
    }
  }

  @Test
  void packetsStayBelowTheDatabasesLimit() throws SQLException {
    execute("set global max_allowed_packet = 1048576");
    try (Storage storage = open(Map.of())) {
      assertThat(storage.maintenance().health().state()).isEqualTo(StorageHealth.State.DEGRADED);
      assertThat(storage.maintenance().health().reason()).contains("max_allowed_packet");
      List<Mutation> large = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        large.add(new Mutation.Append(QUEUE, SampleMessages.sized(QUEUE, 400_000)));
      }
      assertThat(written(storage, large.toArray(Mutation[]::new)).applied()).isTrue();
      Mutation tooLarge = new Mutation.Append(QUEUE, SampleMessages.sized(QUEUE, 2_000_000));
      assertThatThrownBy(() -> written(storage, tooLarge))
          .hasCauseInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("set max_allowed_packet");
      assertThat(append(storage, "small")).isEqualTo(20);
    } finally {
      execute("set global max_allowed_packet = 67108864");
    }
  }

  @Test
  void aDatabaseThatDoesNotSyncIsReported() {
    execute("set global innodb_flush_log_at_trx_commit = 2");
    try (Storage storage = open(Map.of())) {
      assertThat(storage.maintenance().health().state()).isEqualTo(StorageHealth.State.DEGRADED);
      assertThat(storage.maintenance().health().reason())
          .contains("set global innodb_flush_log_at_trx_commit = 1");
    } finally {
      execute("set global innodb_flush_log_at_trx_commit = 1");
    }
  }

  /** A running server does not let itself be told otherwise. */
  @ParameterizedTest
  @CsvSource({
    "ON, false",
    "1, false",
    "fast, false",
    "DETECT_AND_RECOVER, false",
    "OFF, true",
    "off, true",
    "0, true",
    "DETECT_ONLY, true"
  })
  void pagesAreWrittenTwice(String setting, boolean tears) {
    assertThat(MariaDbDialect.tearsPages(setting)).isEqualTo(tears);
  }

  @Test
  void messagesAreReadableForPeople() throws SQLException {
    try (Storage storage = open(Map.of());
        Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      written(
          storage,
          new Mutation.Append(QUEUE, SampleMessages.indexed(QUEUE, "hello", "order-7 vip", "u-1")));
      try (var row =
          statement.executeQuery(
              "select count(*) from mq_messages where topic = 'orders' and queue_no = 0 and"
                  + " queue_offset = 0 and message_keys = 'order-7 vip' and"
                  + " json_value(properties, '$.UNIQ_KEY') = 'u-1' and convert(body using utf8mb4) ="
                  + " 'hello'")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getInt(1)).isEqualTo(1);
      }
    }
  }

  @Test
  void aMissingSchemaSaysWhatToDo() {
    assertThatThrownBy(() -> open(Map.of("schema", "validate")))
        .isInstanceOfSatisfying(
            StorageException.Unavailable.class,
            e -> {
              assertThat(e.getMessage()).contains("no EscrowMQ tables");
              assertThat(e.remedy()).contains("./mq storage ddl --vendor mariadb");
            });
  }

  @Test
  void aSchemaMadeByHandIsTaken() {
    execute(Schema.script("mariadb"));
    try (Storage storage = open(Map.of("schema", "validate"))) {
      assertThat(append(storage, "m")).isZero();
    }
    open(Map.of()).close();
  }

  @Test
  void aNewerSchemaIsNotTouched() {
    open(Map.of()).close();
    execute("insert into mq_schema values (99)");
    assertThatThrownBy(() -> open(Map.of()))
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining("version 99");
  }

  /** The database keeps the tables that were made before a script failed. */
  @Test
  void aHalfMadeSchemaIsReportedAndCanBeCompleted() {
    execute("create table mq_messages (in_the_way int)");
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> open(Map.of()))
          .isInstanceOfSatisfying(
              StorageException.Unavailable.class,
              e -> {
                assertThat(e.getMessage()).contains("the tables could not be created");
                assertThat(e.remedy()).contains("delete from mq_flyway_history where not success");
              });
    }
    execute("drop table mq_messages; delete from mq_flyway_history where not success");
    try (Storage storage = open(Map.of())) {
      assertThat(append(storage, "m")).isZero();
    }
  }

  @Test
  void aDatabaseThatIsNotThereSaysSo() {
    assertThatThrownBy(() -> open(Map.of("url", "jdbc:mariadb://127.0.0.1:1/none?user=nobody")))
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining("cannot be opened");
  }

  @Test
  void aUrlOfMySqlReachesMariaDbToo() {
    String url = url().replace("jdbc:mariadb:", "jdbc:mysql:");
    try (Storage storage = open(Map.of("url", url))) {
      assertThat(append(storage, "m")).isZero();
    }
  }

  private String url() {
    return MariaDbServer.urlFor(directory);
  }

  private void execute(String script) {
    try (Connection connection = DriverManager.getConnection(url() + "&allowMultiQueries=true");
        Statement statement = connection.createStatement()) {
      statement.execute(script);
    } catch (SQLException e) {
      throw new IllegalStateException("the test database refused " + script, e);
    }
  }

  private Storage open(Map<String, String> more) {
    Map<String, String> options = new HashMap<>(new MariaDbEngine().options(directory));
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

  private static long append(Storage storage, String text) {
    return written(storage, new Mutation.Append(QUEUE, SampleMessages.message(QUEUE, text)))
        .outcome(0)
        .queueOffset();
  }

  private static WriteReceipt written(Storage storage, Mutation... mutations) {
    return storage.write(WriteBatch.of(mutations)).toCompletableFuture().join();
  }
}
