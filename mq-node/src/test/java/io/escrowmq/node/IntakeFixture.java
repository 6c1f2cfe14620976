package io.escrowmq.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.broker.BrokerSettings;
import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.storage.jdbc.IntakeSchema;
import io.escrowmq.storage.jdbc.JdbcStorageProvider;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A node whose store the test can read, and a database of applications. One PostgreSQL for all
 * tests of a JVM, schemas of their own for each.
 */
final class IntakeFixture implements AutoCloseable {

  static final int QUEUES = 4;

  private static final AtomicInteger SCHEMAS = new AtomicInteger();

  private final EscrowNode node;
  private final Storage storage;

  private IntakeFixture(EscrowNode node, Storage storage) {
    this.node = node;
    this.storage = storage;
  }

  /** Started by the first use, ended with the JVM. */
  private static final class Running {
    private static final DevPostgres POSTGRES = DevPostgres.start();
  }

  /** The URL of a schema that nobody else uses. */
  static String freshUrl() {
    return Running.POSTGRES.url("bank" + SCHEMAS.incrementAndGet());
  }

  static String schemaOf(String url) {
    return url.substring(url.lastIndexOf('=') + 1);
  }

  /** A fresh schema with an intake. */
  static String bank() throws SQLException {
    String url = freshUrl();
    execute(url, IntakeSchema.script("postgresql", schemaOf(url)));
    return url;
  }

  /** A node whose store is in the database, beside the intake of this schema. */
  static IntakeFixture beside(Path directory, String bank, UnaryOperator<NodeSettings> change) {
    String store = Running.POSTGRES.url(schemaOf(bank) + "_mq");
    return start(
        directory,
        new JdbcStorageProvider(),
        Map.of("url", store, "retention-interval-ms", "0"),
        Map.of("bank", IntakeSettings.of(Map.of("schema", schemaOf(bank)))),
        change);
  }

  /** A node with another engine, and the intake of this URL. */
  static IntakeFixture relaying(Path directory, StorageProvider engine, String bank) {
    return start(
        directory,
        engine,
        Map.of(),
        Map.of("bank", IntakeSettings.of(Map.of("url", bank))),
        settings -> settings);
  }

  private static IntakeFixture start(
      Path directory,
      StorageProvider engine,
      Map<String, String> options,
      Map<String, IntakeSettings> intakes,
      UnaryOperator<NodeSettings> change) {
    StorageSettings defaults = StorageSettings.defaults(directory);
    StorageSettings store =
        new StorageSettings(
            directory,
            defaults.durability(),
            defaults.decisionRetention(),
            defaults.retention(),
            options);
    BrokerSettings.Topics topics = BrokerSettings.Topics.DEFAULT;
    BrokerSettings broker =
        BrokerSettings.DEFAULT.withTopics(
            new BrokerSettings.Topics(
                true, QUEUES, topics.maxReconsumeTimes(), topics.delayLevels(), true));
    NodeSettings all =
        change.apply(NodeSettings.defaults(directory).withBroker(broker).withIntakes(intakes));
    Storage storage = engine.open(store, StorageContext.system());
    EscrowNode node =
        new NodeParts(all, StorageContext.system())
            .start(() -> storage, List.of(), Optional.empty(), () -> true);
    return new IntakeFixture(node, storage);
  }

  /** Visible messages of a topic, queue by queue. */
  List<Message> messages(String topic) {
    List<Message> found = new ArrayList<>();
    for (int queue = 0; queue < QUEUES; queue++) {
      found.addAll(messages(new QueueId(topic, queue)));
    }
    return found;
  }

  private List<Message> messages(QueueId queue) {
    List<Message> found = new ArrayList<>();
    long end = storage.log().bounds(queue).max();
    for (long offset = 0; offset < end; ) {
      try (var batch = storage.log().read(queue, offset, new ReadLimits(1000, 1 << 24))) {
        batch.messages().forEach(message -> found.add(message.copy()));
        offset += batch.messages().size();
      }
    }
    return found;
  }

  /** The bodies of those messages. */
  List<String> texts(String topic) {
    return messages(topic).stream().map(IntakeFixture::text).toList();
  }

  static String text(Message message) {
    return UTF_8.decode(message.body()).toString();
  }

  long statistic(String name) {
    return node.statistics().getOrDefault("broker-intake-" + name, -1L);
  }

  static Connection connect(String url) throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    connection.setAutoCommit(false);
    return connection;
  }

  static void execute(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      execute(connection, sql);
    }
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }

  static String query(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      return query(connection, sql);
    }
  }

  @Override
  public void close() {
    node.close();
  }

  /** Long enough for a busy machine. */
  static final Duration SOON = Duration.ofSeconds(20);
}
