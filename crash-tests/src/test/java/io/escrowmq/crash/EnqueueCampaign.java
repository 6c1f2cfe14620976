package io.escrowmq.crash;

import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.server.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
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
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * Applications that enqueue in their own transactions while the server and the database are killed.
 * A row of the journal, in the same transaction, says what was committed: each of these is one
 * visible message, in the order of its application, and there is no other.
 */
final class EnqueueCampaign {

  private static final String TOPIC = "enqueued";
  private static final int APPLICATIONS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path directory;
  private final Layout layout;
  private final int kills;
  private final Random random;
  private volatile boolean over;

  /** Where the messages go. */
  enum Layout {
    /** Into a store in the applications' database. */
    BESIDE,
    /** The same, by two servers that share the store. */
    SHARED,
    /** Into a commitlog. */
    RELAYED
  }

  EnqueueCampaign(Path directory, Layout layout, int kills, long seed) {
    this.directory = directory;
    this.layout = layout;
    this.kills = kills;
    this.random = new Random(seed);
    System.out.printf("EnqueueCampaign %s kills=%d seed=%d%n", layout, kills, seed);
  }

  /** Runs; what was wrong. */
  List<String> run() throws Exception {
    try (DevPostgres database = DevPostgres.start()) {
      String bank = database.url("bank");
      execute(bank, script());
      execute(bank, "create table journal (key text primary key)");
      List<ServerProcess> servers = new ArrayList<>();
      try {
        start(servers, database);
        List<Thread> applications = new ArrayList<>();
        for (int i = 0; i < APPLICATIONS; i++) {
          int number = i;
          Random own = new Random(random.nextLong());
          applications.add(Thread.ofVirtual().start(() -> apply(bank, "a" + number, own)));
        }
        for (int kill = 0; kill < kills; kill++) {
          LockSupport.parkNanos(Duration.ofMillis(300 + random.nextInt(1200)).toNanos());
          mishap(servers.get(random.nextInt(servers.size())), database);
        }
        LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        over = true;
        for (Thread application : applications) {
          application.join();
        }
        return compare(servers, bank);
      } finally {
        // Also after a failure: else they go on beside the next campaign, without a database.
        over = true;
        servers.forEach(ServerProcess::close);
      }
    }
  }

  private void start(List<ServerProcess> servers, DevPostgres database) {
    String beside = "--escrowmq.intake.bank.schema=bank";
    switch (layout) {
      case BESIDE ->
          servers.add(
              ServerProcess.start(
                  directory.resolve("server"),
                  "--escrowmq.storage.type=jdbc",
                  "--escrowmq.storage.jdbc.url=" + database.url("mq"),
                  beside));
      case RELAYED ->
          servers.add(
              ServerProcess.start(
                  directory.resolve("server"),
                  "--escrowmq.intake.bank.url=" + database.url("bank")));
      case SHARED -> {
        servers.add(ClusterServers.start(directory.resolve("one"), database, 2, beside));
        servers.add(ClusterServers.start(directory.resolve("two"), database, 2, beside));
        ClusterServers.awaitShared(servers.getFirst(), servers.getLast());
      }
    }
  }

  private void mishap(ServerProcess server, DevPostgres database) {
    switch (random.nextInt(3)) {
      case 0 -> {
        server.kill();
        server.restart();
      }
      case 1 ->
          // It may still be recovering from the last one.
          Awaitility.await("the database to be there to be killed")
              .atMost(PATIENCE)
              .ignoreExceptions()
              .untilAsserted(database::crash);
      default -> {
        server.pause();
        LockSupport.parkNanos(Duration.ofMillis(1500).toNanos());
        server.resume();
      }
    }
  }

  /** One application: messages with ascending numbers, some of them rolled back. */
  private void apply(String bank, String name, Random own) {
    int number = 0;
    while (!over) {
      try (Connection connection = DriverManager.getConnection(bank)) {
        connection.setAutoCommit(false);
        while (!over) {
          number = transact(connection, name, number, own);
        }
      } catch (SQLException e) {
        // The database was killed: whether the last one was committed, the journal knows.
        number++;
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
    }
  }

  private static int transact(Connection connection, String name, int from, Random own)
      throws SQLException {
    int number = from;
    try (Statement statement = connection.createStatement()) {
      for (int i = own.nextInt(3); i >= 0; i--) {
        String key = "%s-%07d".formatted(name, number++);
        statement.execute("insert into journal values ('" + key + "')");
        statement.execute(
            "select escrowmq_send('"
                + TOPIC
                + "', repeat('x', 500), message_keys => '"
                + key
                + "', ordering_key => '"
                + name
                + "')");
      }
    }
    if (own.nextInt(5) == 0) {
      connection.rollback();
    } else {
      connection.commit();
    }
    LockSupport.parkNanos(Duration.ofMillis(own.nextInt(5)).toNanos());
    return number;
  }

  private static List<String> compare(List<ServerProcess> servers, String bank) throws Exception {
    Awaitility.await("every row to be moved")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> keys(bank, "select message_keys from escrow_intake").isEmpty());
    String nameServers =
        servers.stream().map(ServerProcess::nameServer).collect(Collectors.joining(";"));
    Set<String> committed = keys(bank, "select key from journal");
    try (VisibleLog log = new VisibleLog(nameServers, "enqueue")) {
      Awaitility.await("the messages to be readable")
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> log.readMore(TOPIC) == 0 && log.copies().size() >= committed.size());
      List<String> wrong = new ArrayList<>(log.violations());
      Map<String, Integer> copies = log.copies();
      for (String key : committed) {
        if (copies.getOrDefault(key, 0) != 1) {
          wrong.add(key + " was committed and is there " + copies.getOrDefault(key, 0) + " times");
        }
      }
      copies.keySet().stream()
          .filter(key -> !committed.contains(key))
          .forEach(key -> wrong.add(key + " was never committed"));
      log.queues().values().forEach(queue -> disorder(queue, wrong));
      System.out.printf("EnqueueCampaign: %d messages, %d wrong%n", committed.size(), wrong.size());
      return wrong;
    }
  }

  private static void disorder(List<VisibleLog.Seen> queue, List<String> wrong) {
    Map<String, String> last = new HashMap<>();
    for (VisibleLog.Seen seen : queue) {
      String application = seen.key().substring(0, 2);
      String before = last.put(application, seen.key());
      if (before != null && before.compareTo(seen.key()) >= 0) {
        wrong.add(seen.key() + " comes after " + before);
      }
    }
  }

  private static Set<String> keys(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      Set<String> found = new TreeSet<>();
      while (row.next()) {
        found.add(row.getString(1));
      }
      return found;
    }
  }

  private static void execute(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** What {@code ./mq intake ddl --vendor postgresql --schema bank} prints. */
  private String script() throws IOException, InterruptedException {
    Path printed = Files.createDirectories(directory).resolve("intake.sql");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("escrowmq.server.jar"),
                "cli",
                "intake",
                "ddl",
                "--vendor",
                "postgresql",
                "--schema",
                "bank")
            .redirectOutput(printed.toFile())
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("./mq intake ddl ended with " + process.exitValue());
    }
    return Files.readString(printed);
  }
}
