package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.StorageFixture;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages are kept in partitions that the retention drops whole. */
class PostgresBucketsTest {

  private static final QueueId ORDERS = new QueueId("orders", 0);
  private static final QueueId PAYMENTS = new QueueId("payments", 0);
  private static final Duration MAX_AGE = Duration.ofHours(1);
  private static final int BODY_BYTES = 16 * 1024;

  @TempDir Path directory;
  private StorageFixture fixture = new StorageFixture(new PostgresEngine(), Path.of("."));

  @BeforeEach
  void prepare() {
    fixture = new StorageFixture(new PostgresEngine(), directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void oldBucketsGoWholeAndNobodySeesAHalf() throws SQLException {
    Storage storage = open(Map.of(), Long.MAX_VALUE);
    List<Outcome> sent = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      sent.add(append(i % 2 == 0 ? ORDERS : PAYMENTS, "key-" + i));
    }
    assertThat(tables()).hasSizeBetween(16, 30);
    fixture.time().advance(MAX_AGE.dividedBy(2));
    List<Outcome> young = List.of(append(ORDERS, "young"), append(PAYMENTS, "young"));
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Integer> reads = CompletableFuture.supplyAsync(() -> readAllUntil(done));

    fixture.time().advance(MAX_AGE.dividedBy(2).plusMinutes(1));
    storage.maintenance().retain();

    done.set(true);
    assertThat(reads.join()).as("reads that went on meanwhile").isPositive();
    assertThat(tables()).doesNotContain("mq_message_b0", "mq_message_key_b0");
    assertThat(storage.log().at(sent.getFirst().position())).isEmpty();
    assertThat(storage.log().bounds(ORDERS)).isEqualTo(new QueueBounds(20, 21));
    assertThat(storage.log().bounds(PAYMENTS)).isEqualTo(new QueueBounds(20, 21));
    assertThat(storage.log().at(young.getFirst().position())).isPresent();
    assertThat(storage.log().at(young.getLast().position())).isPresent();
    assertThatFiguresAreRight();
    assertThat(fixture.reopen().log().bounds(ORDERS)).isEqualTo(new QueueBounds(20, 21));
    assertThat(append(ORDERS, "next").queueOffset()).isEqualTo(21);
  }

  @Test
  void aQueueInManyBucketsIsOneQueue() {
    Storage storage = open(Map.of(), Long.MAX_VALUE);
    List<Outcome> sent = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      sent.add(append(ORDERS, "key-" + i));
    }
    assertThat(buckets()).isGreaterThan(5);
    for (int run = 0; run < 2; run++) {
      assertThat(offsets(fixture.storage(), ORDERS, 0))
          .containsExactlyElementsOf(sent.stream().map(Outcome::queueOffset).toList());
      assertThat(offsets(fixture.storage(), ORDERS, 17)).hasSize(13);
      assertThat(fixture.storage().maintenance().verify().records()).isEqualTo(30);
      fixture.reopen();
    }
    assertThat(storage).isNotNull();
    assertThat(append(ORDERS, "next").queueOffset()).isEqualTo(30);
    assertThat(append(ORDERS, "next").position()).isGreaterThan(sent.getLast().position());
  }

  @Test
  void whoeverStaysInATransactionHoldsNobodyUp() throws SQLException {
    Storage storage = open(Map.of(), Long.MAX_VALUE);
    for (int i = 0; i < 20; i++) {
      append(ORDERS, "key-" + i);
    }
    fixture.time().advance(MAX_AGE.plusMinutes(1));
    append(ORDERS, "young");
    try (Connection idle = DriverManager.getConnection(url());
        Statement statement = idle.createStatement()) {
      idle.setAutoCommit(false);
      statement.executeQuery("select count(*) from mq_message").close();
      long begunNs = System.nanoTime();
      storage.maintenance().retain();
      long before = buckets();
      for (int i = 0; i < 10; i++) {
        append(ORDERS, "meanwhile");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begunNs)).isLessThan(Duration.ofSeconds(4));
      assertThat(buckets()).as("buckets made meanwhile").isGreaterThan(before);
      assertThat(tables()).contains("mq_message_b0");
      assertThat(storage.log().bounds(ORDERS)).isEqualTo(new QueueBounds(0, 31));
      idle.rollback();
    }
    storage.maintenance().retain();
    assertThat(tables()).doesNotContain("mq_message_b0");
    assertThat(storage.log().bounds(ORDERS)).isEqualTo(new QueueBounds(20, 31));
    assertThatFiguresAreRight();
  }

  @Test
  void messagesGoOnInTheirBucketWhileNoneCanBeMade() throws SQLException {
    open(Map.of(), Long.MAX_VALUE);
    append(ORDERS, "first");
    long before = buckets();
    try (Connection other = DriverManager.getConnection(url());
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("lock table mq_message in share update exclusive mode");
      for (int i = 0; i < 10; i++) {
        append(ORDERS, "key-" + i);
      }
      assertThat(buckets()).isEqualTo(before);
      other.rollback();
    }
    fixture.time().advance(Duration.ofSeconds(11));
    append(ORDERS, "makes the next one");
    append(ORDERS, "begins it");
    assertThat(buckets()).isGreaterThan(before);
    assertThat(offsets(fixture.storage(), ORDERS, 0)).hasSize(13);
  }

  @Test
  void aBucketThatSomethingDependsOnIsEmptiedAndNobodyElseSuffers() throws SQLException {
    Storage storage = open(Map.of(), Long.MAX_VALUE);
    for (int i = 0; i < 20; i++) {
      append(ORDERS, "key-" + i);
    }
    PostgresServer.execute(url(), "create view mine as select * from mq_message_b0");
    fixture.time().advance(MAX_AGE.plusMinutes(1));
    storage.maintenance().retain();
    assertThat(storage.log().bounds(ORDERS).min()).isZero();
    fixture.time().advance(MAX_AGE);
    storage.maintenance().retain();
    assertThat(storage.log().bounds(ORDERS)).isEqualTo(new QueueBounds(20, 20));
    PostgresServer.execute(url(), "drop view mine");
    storage.maintenance().retain();
    assertThat(tables()).doesNotContain("mq_message_b0");
    assertThatFiguresAreRight();
  }

  /** What a reader meets that looks into a bucket just when it goes. */
  @Test
  void aReaderWhoseBucketIsGoneLooksBehindIt() {
    Storage storage = open(Map.of(), Long.MAX_VALUE);
    for (int i = 0; i < 24; i++) {
      append(ORDERS, "key-" + i);
    }
    storage.log().read(ORDERS, 0, new ReadLimits(1, 1)).close();
    PostgresServer.execute(url(), "drop table mq_message_b0");
    assertThat(offsets(storage, ORDERS, 12)).hasSize(12);
  }

  @Test
  void messagesThatWaitTooLongForTheirBucketGoOneByOne() throws SQLException {
    Storage storage = open(Map.of(), Long.MAX_VALUE);
    for (int i = 0; i < 20; i++) {
      append(ORDERS, "key-" + i);
    }
    fixture.time().advance(MAX_AGE.multipliedBy(2));
    append(ORDERS, "young");
    try (Connection idle = DriverManager.getConnection(url());
        Statement statement = idle.createStatement()) {
      idle.setAutoCommit(false);
      statement.executeQuery("select count(*) from mq_message").close();
      storage.maintenance().retain();
      assertThat(tables()).contains("mq_message_b0");
      assertThat(storage.log().bounds(ORDERS)).isEqualTo(new QueueBounds(20, 21));
      idle.rollback();
    }
    storage.maintenance().retain();
    assertThat(tables()).doesNotContain("mq_message_b0");
    assertThatFiguresAreRight();
  }

  @Test
  void aServerFindsTheBucketThatAnEarlierOneMade() {
    Storage storage = open(Map.of(), Long.MAX_VALUE);
    int sent = 0;
    while (buckets() < 3) {
      append(ORDERS, "key-" + sent++);
    }
    // The newest one is empty yet.
    fixture.reopen();
    assertThat(buckets()).isEqualTo(3);
    while (buckets() < 5) {
      append(ORDERS, "key-" + sent++);
      PostgresServer.execute(
          url(),
          "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name ="
              + " 'escrowmq-writer'");
    }
    assertThat(offsets(fixture.storage(), ORDERS, 0)).hasSize(sent);
    assertThat(storage).isNotNull();
  }

  @Test
  void aSmallBucketLosesItsOldMessagesOneByOne() throws SQLException {
    Storage storage = open(Map.of(), Long.MAX_VALUE);
    write(new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "old")));
    fixture.time().advance(MAX_AGE.plusMinutes(1));
    write(new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "young")));
    storage.maintenance().retain();
    assertThat(storage.log().bounds(ORDERS)).isEqualTo(new QueueBounds(1, 2));
    assertThat(buckets()).isEqualTo(1);
    assertThatFiguresAreRight();
  }

  @Test
  void aBucketWithMessagesOfALongTimeIsGivenUp() {
    Storage storage = open(Map.of("bucket-bytes", "1000000000"), Long.MAX_VALUE);
    Mutation[] many = new Mutation[2_500];
    for (int i = 0; i < many.length; i++) {
      many[i] = new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "m"));
    }
    write(many);
    assertThat(buckets()).isEqualTo(1);
    fixture.time().advance(MAX_AGE.dividedBy(8));
    append(ORDERS, "later");
    fixture.time().advance(Duration.ofMinutes(1));
    append(ORDERS, "makes the next bucket and begins it");
    assertThat(buckets()).isEqualTo(2);
    fixture.time().advance(MAX_AGE.minusMinutes(1));
    storage.maintenance().retain();
    assertThat(storage.log().bounds(ORDERS).min()).as("all wait for the newest").isZero();
    fixture.time().advanceMs(1);
    storage.maintenance().retain();
    assertThat(storage.log().bounds(ORDERS)).isEqualTo(new QueueBounds(2_501, 2_502));
    assertThat(buckets()).isEqualTo(1);
  }

  @Test
  void aStoreThatIsTooLargeLosesBuckets() throws SQLException {
    long maxBytes = 4 << 20;
    Storage storage = open(Map.of("bucket-bytes", "262144"), maxBytes);
    for (int i = 0; i < 50; i++) {
      write(
          new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, 128 * 1024)),
          new Mutation.Append(PAYMENTS, SampleMessages.sized(PAYMENTS, 128 * 1024)));
    }
    storage.maintenance().retain();
    long left = storage.maintenance().statistics().getOrDefault("visible-bytes", 0L);
    assertThat(left).isBetween(maxBytes, maxBytes + (1 << 20));
    assertThat(tables()).doesNotContain("mq_message_b0");
    assertThatFiguresAreRight();
  }

  @Test
  void messagesTrimmedFromABucketAreNotCountedTwice() throws SQLException {
    Storage storage = open(Map.of(), 1 << 20);
    for (int i = 0; i < 40; i++) {
      append(i % 2 == 0 ? ORDERS : PAYMENTS, "key-" + i);
    }
    write(new Mutation.Trim(ORDERS, 15));
    fixture.time().advance(MAX_AGE.plusMinutes(1));
    append(ORDERS, "young");
    storage.maintenance().retain();
    assertThat(storage.log().bounds(PAYMENTS)).isEqualTo(new QueueBounds(20, 20));
    assertThatFiguresAreRight();
  }

  @Test
  void aRoleThatMayNotMakeTablesDeletesRows() throws SQLException {
    String role = "r" + url().substring(url().lastIndexOf('=') + 1);
    String schema = url().substring(url().lastIndexOf('=') + 1);
    PostgresServer.execute(
        url(),
        Schema.script("postgresql")
            + ("create role %s login; grant usage on schema %s to %s; grant select, insert, update,"
                    + " delete on all tables in schema %s to %s")
                .formatted(role, schema, role, schema, role));
    Storage storage =
        open(
            Map.of("schema", "validate", "url", url().replace("user=postgres", "user=" + role)),
            Long.MAX_VALUE);
    for (int i = 0; i < 20; i++) {
      append(ORDERS, "key-" + i);
    }
    assertThat(buckets()).isEqualTo(1);
    fixture.time().advance(MAX_AGE.plusMinutes(1));
    append(ORDERS, "young");
    storage.maintenance().retain();
    assertThat(storage.log().bounds(ORDERS)).isEqualTo(new QueueBounds(20, 21));
    assertThat(tables()).containsExactly("mq_message_b0", "mq_message_key_b0");
    assertThatFiguresAreRight();
  }

  /** Reads everything again and again; every read begins where it should. */
  private int readAllUntil(AtomicBoolean done) {
    int reads = 0;
    while (!done.get()) {
      for (QueueId queue : List.of(ORDERS, PAYMENTS)) {
        long from = fixture.storage().log().bounds(queue).min();
        try (MessageBatch batch =
            fixture.storage().log().read(queue, from, new ReadLimits(100, 1 << 20))) {
          assertThat(
                  batch.messages().isEmpty()
                      ? batch.bounds().min() > from
                      : batch.messages().getFirst().queueOffset() == from)
              .isTrue();
          reads++;
        }
      }
    }
    return reads;
  }

  private static List<Long> offsets(Storage storage, QueueId queue, long from) {
    List<Long> offsets = new ArrayList<>();
    long next = from;
    while (next < storage.log().bounds(queue).max()) {
      try (MessageBatch batch = storage.log().read(queue, next, new ReadLimits(4, 1 << 20))) {
        batch.messages().forEach(message -> offsets.add(message.queueOffset()));
        next = batch.messages().getLast().queueOffset() + 1;
      }
    }
    return offsets;
  }

  private long buckets() {
    return fixture.storage().maintenance().statistics().getOrDefault("buckets", 0L);
  }

  private List<String> tables() throws SQLException {
    List<String> tables = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select relname from pg_class where relnamespace ="
                    + " current_schema()::regnamespace and relkind = 'r' and relname like"
                    + " 'mq_message%' order by relname")) {
      while (row.next()) {
        tables.add(row.getString(1));
      }
    }
    return tables;
  }

  private void assertThatFiguresAreRight() throws SQLException {
    Map<String, Long> statistics = fixture.storage().maintenance().statistics();
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*), coalesce(sum(size_bytes), 0), (select count(*) from"
                    + " mq_message_key k where not exists (select 1 from mq_message n where"
                    + " n.position = k.position)) from mq_message")) {
      row.next();
      assertThat(statistics)
          .containsEntry("visible-messages", row.getLong(1))
          .containsEntry("visible-bytes", row.getLong(2));
      assertThat(row.getLong(3)).as("keys of messages that are gone").isZero();
    }
  }

  private String url() {
    return PostgresServer.urlFor(directory);
  }

  private Storage open(Map<String, String> more, long maxBytes) {
    return fixture
        .settings(settings -> {
          Map<String, String> options = new HashMap<>(settings.options());
          options.put("bucket-bytes", "65536");
          options.putAll(more);
          return new StorageSettings(
              settings.directory(),
              settings.durability(),
              settings.decisionRetention(),
              new RetentionPolicy(MAX_AGE, maxBytes),
              options);
        })
        .open();
  }

  private Outcome append(QueueId queue, String key) {
    Message message =
        SampleMessages.builder(queue, "")
            .propertiesText("KEYS\u0001" + key + "\u0002")
            .body(new byte[BODY_BYTES])
            .build();
    return write(new Mutation.Append(queue, message));
  }

  private Outcome write(Mutation... mutations) {
    return fixture
        .storage()
        .write(WriteBatch.of(mutations))
        .toCompletableFuture()
        .join()
        .outcome(0);
  }
}
