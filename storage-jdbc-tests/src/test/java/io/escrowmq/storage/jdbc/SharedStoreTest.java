package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.ServerRegister.ServerState;
import io.escrowmq.spi.storage.ShardLeases.ShardLease;
import io.escrowmq.spi.storage.ShardLeases.ShardState;
import io.escrowmq.spi.storage.SharedStore;
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
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several servers on one PostgreSQL: who may open what, and what becomes of who may not. */
class SharedStoreTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration OVER = Duration.ofMillis(-1);

  @TempDir Path directory;

  @Test
  void aShardBelongsToOneServerAtATime() {
    try (SharedStore one = share();
        SharedStore two = share()) {
      ShardLease lease = one.leases().acquire(0, "a", LONG).orElseThrow();

      assertThat(two.leases().acquire(0, "b", LONG)).isEmpty();
      assertThat(two.leases().acquire(1, "b", LONG)).isPresent();
      assertThat(one.leases().renew(lease, "host:1", LONG)).isTrue();
      assertThat(two.leases().shards())
          .containsExactly(
              new ShardState(0, "a", 1, "host:1", true), new ShardState(1, "b", 1, "", true));

      one.leases().release(lease);
      assertThat(two.leases().shards().getFirst()).isEqualTo(new ShardState(0, "", 1, "", false));
      assertThat(two.leases().acquire(0, "b", LONG)).map(ShardLease::epoch).contains(2L);
      assertThat(one.leases().renew(lease, "host:1", LONG)).isFalse();
    }
  }

  @Test
  void whoeverTakesAShardOverFindsEverythingAndFencesTheEarlierOwner() {
    try (SharedStore one = share();
        SharedStore two = share()) {
      ShardLease first = one.leases().acquire(0, "paused", LONG).orElseThrow();
      try (Storage paused = one.open(first)) {
        assertThat(append(paused, "m0").join().outcome(0).queueOffset()).isZero();
        assertThat(one.leases().renew(first, "host:1", OVER)).isTrue();
        ShardLease second = two.leases().acquire(0, "heir", LONG).orElseThrow();

        try (Storage heir = two.open(second)) {
          CompletableFuture<WriteReceipt> late = append(paused, "late");

          assertThatThrownBy(late::join)
              .isInstanceOf(CompletionException.class)
              .hasCauseInstanceOf(StorageException.Overloaded.class);
          assertThat(append(heir, "m1").join().outcome(0).queueOffset()).isEqualTo(1);
          assertThat(texts(heir)).containsExactly("m0", "m1");
          assertThat(paused.maintenance().health().writable()).isFalse();
          assertThat(one.leases().renew(first, "host:1", LONG)).isFalse();
        }
      }
    }
  }

  @Test
  void aTransactionThatAPausedServerLeftOpenDoesNotHoldItsHeirUp() throws Exception {
    try (SharedStore store = share()) {
      ShardLease first = store.leases().acquire(0, "paused", LONG).orElseThrow();
      store.open(first).close();
      String schema = schemaOf(0);
      // What a server leaves that is stopped between its first statement and its commit.
      try (Connection stopped = DriverManager.getConnection(url());
          Statement statement = stopped.createStatement()) {
        stopped.setSchema(schema);
        assertThat(new PostgresDialect().own(stopped)).isTrue();
        stopped.setAutoCommit(false);
        statement.executeUpdate(
            "insert into mq_group select group_no + 1, epoch, last_position + 1, last_version,"
                + " last_queue_id, store_ms, visible_messages, visible_bytes, holds from mq_group"
                + " order by group_no desc limit 1");
        assertThat(store.leases().renew(first, "", OVER)).isTrue();

        try (Storage heir = store.open(store.leases().acquire(0, "heir", LONG).orElseThrow())) {
          assertThat(append(heir, "m0").join().outcome(0).queueOffset()).isZero();
        }
      }
    }
  }

  @Test
  void aLeaseThatIsOverOpensNothing() {
    try (SharedStore store = share()) {
      ShardLease first = store.leases().acquire(0, "a", OVER).orElseThrow();
      ShardLease second = store.leases().acquire(0, "b", LONG).orElseThrow();

      assertThatThrownBy(() -> store.open(first)).isInstanceOf(StorageException.Unavailable.class);
      store.open(second).close();
    }
  }

  @Test
  void theRowsOfAShardAreReadableByEveryServer() {
    try (SharedStore one = share();
        SharedStore two = share()) {
      ShardLease lease = one.leases().acquire(1, "a", LONG).orElseThrow();
      try (Storage storage = one.open(lease)) {
        Mutation put = new Mutation.Put("topics", Bytes.utf8("orders"), Bytes.utf8("four queues"));
        storage.write(WriteBatch.of(put)).toCompletableFuture().join();

        assertThat(two.tables(1).get("topics", Bytes.utf8("orders")))
            .hasValueSatisfying(row -> assertThat(row.value().asUtf8()).isEqualTo("four queues"));
        assertThat(two.tables(1).scan("topics", Bytes.utf8(""), Optional.empty(), 10)).hasSize(1);
      }
    }
  }

  @Test
  void serversAreKnownUntilTheyLeaveOrFallSilent() {
    try (SharedStore store = share()) {
      ServerState here = new ServerState("a", "host:9876", "host:8080", true);
      store.register().announce(here, LONG);
      store.register().announce(new ServerState("silent", "other:9876", "", false), OVER);
      assertThat(store.register().servers()).containsExactly(here);

      store.register().leave("a");
      assertThat(store.register().servers()).isEmpty();
    }
  }

  @Test
  void anAdministratorsScriptIsAllThatServersNeed() {
    String url = url();
    String schema = url.substring(url.lastIndexOf('=') + 1);
    assertThatThrownBy(() -> share(Map.of("schema", "validate")))
        .isInstanceOfSatisfying(
            StorageException.Unavailable.class,
            e -> assertThat(e.remedy()).contains("./mq storage ddl"));

    PostgresServer.execute(url, Schema.sharedScript(schema, 2));
    try (SharedStore store = share(Map.of("schema", "validate"));
        Storage storage = store.open(store.leases().acquire(1, "a", LONG).orElseThrow())) {
      assertThat(append(storage, "m0").join().outcome(0).queueOffset()).isZero();
    }
  }

  @Test
  void anEmbeddedDatabaseCannotBeShared() {
    assertThatThrownBy(() ->
            new JdbcStorageProvider()
                .share(
                    settings(Map.of("url", "jdbc:h2:file:" + directory.resolve("h2"))),
                    StorageContext.system(),
                    2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("escrowmq.cluster.shards=0");
  }

  private SharedStore share() {
    return share(Map.of());
  }

  private SharedStore share(Map<String, String> more) {
    Map<String, String> options = new HashMap<>(new PostgresEngine().options(directory));
    options.putAll(more);
    options.put("own-timeout-ms", "500");
    return new JdbcStorageProvider()
        .share(settings(options), StorageContext.system(), 2)
        .orElseThrow();
  }

  private StorageSettings settings(Map<String, String> options) {
    StorageSettings defaults = StorageSettings.defaults(directory);
    return new StorageSettings(
        directory,
        defaults.durability(),
        defaults.decisionRetention(),
        defaults.retention(),
        options);
  }

  private String url() {
    return PostgresServer.urlFor(directory);
  }

  private String schemaOf(int shard) {
    String url = url();
    return SchemaNames.ofShard(url.substring(url.lastIndexOf('=') + 1), shard);
  }

  private static CompletableFuture<WriteReceipt> append(Storage storage, String text) {
    return storage
        .write(WriteBatch.of(new Mutation.Append(QUEUE, SampleMessages.message(QUEUE, text))))
        .toCompletableFuture();
  }

  private static List<String> texts(Storage storage) {
    try (var batch = storage.log().read(QUEUE, 0, new ReadLimits(100, 1 << 20))) {
      return batch.messages().stream().map(SampleMessages::textOf).toList();
    }
  }
}
