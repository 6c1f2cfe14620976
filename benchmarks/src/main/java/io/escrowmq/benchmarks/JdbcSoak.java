package io.escrowmq.benchmarks;

import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Whether the relational engine keeps its speed for minutes and hours while somebody's session
 * stays idle in a transaction, so that the database cannot clear away any old row version: paced
 * sends and transactions all the time, and once a minute a short burst beside a raw one.
 */
final class JdbcSoak {

  private static final int QUEUES = 8;
  private static final int BODY_BYTES = 256;
  private static final double SENDS_PER_SECOND = 2_000;
  private static final double TRANSACTIONS_PER_SECOND = 200;
  private static final Duration PACED = Duration.ofSeconds(52);
  private static final Duration BURST = Duration.ofSeconds(2);
  private static final int WINDOW = 2048;
  private static final int RAW_BATCH = 500;
  private static final String PROPERTIES = "UNIQ_KEY\u00010123456789ABCDEF0123456789\u0002";

  private final Path directory;
  private final int minutes;
  private final Map<String, String> given;
  private final PrintStream out;

  JdbcSoak(Path directory, Map<String, String> given, PrintStream out) {
    this.directory = directory;
    this.minutes = Integer.parseInt(given.getOrDefault("minutes", "30"));
    this.given = given;
    this.out = out;
  }

  /** Figures of one minute. */
  private record Minute(
      Measurement sends,
      Transactions transactions,
      long commits,
      Measurement raw,
      Measurement burst) {

    double ratio() {
      return burst.perSecond() / raw.perSecond();
    }
  }

  /** Hold and release, and how long the look for due holds took at worst. */
  private record Transactions(Histogram latency, double worstDueMs) {}

  void run() throws Exception {
    String url = given.get("jdbc-url");
    if (url != null) {
      run(url);
      return;
    }
    try (DevPostgres postgres = DevPostgres.start()) {
      run(postgres.url("soak"));
    }
  }

  private void run(String url) throws Exception {
    boolean idle = !given.getOrDefault("idle-transaction", "yes").equals("no");
    try (RawDatabase raw = new RawDatabase(url, QUEUES, new byte[BODY_BYTES]);
        Storage storage =
            // Without a deadline: a stall of the machine is to be seen, not to end the measurement.
            Stores.open(
                "jdbc",
                directory.resolve("jdbc"),
                Durability.DURABLE,
                Map.of("url", url, "write-deadline-ms", "600000"));
        Connection other = DriverManager.getConnection(url)) {
      out.printf(
          "%njdbc soak on %s%n%.0f sends/s, %.0f transactions/s, %s idle transaction%n",
          raw.version(), SENDS_PER_SECOND, TRANSACTIONS_PER_SECOND, idle ? "with an" : "without");
      // Compiles what the first minute would be measured with otherwise.
      minute(storage, raw, Duration.ofSeconds(20));
      if (idle) {
        other.setAutoCommit(false);
        other.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        ask(other, "select pg_current_xact_id()");
      }
      out.println(
          "minute  commits  send p50   p99 ms  transaction p50   p99 ms  due ms   raw rows/s"
              + "  engine/s  ratio  dead rows");
      Minute first = null;
      Minute last = null;
      for (int number = 1; number <= minutes; number++) {
        last = minute(storage, raw, PACED);
        first = first == null ? last : first;
        out.printf(
            "%6d %8d %9.2f %8.2f %16.2f %8.2f %7.2f %12.0f %9.0f %6.2f  %s%n",
            number,
            last.commits,
            last.sends.millis(50),
            last.sends.millis(99),
            last.transactions.latency.getValueAtPercentile(50) / 1e6,
            last.transactions.latency.getValueAtPercentile(99) / 1e6,
            last.transactions.worstDueMs,
            last.raw.perSecond(),
            last.burst.perSecond(),
            last.ratio(),
            deadRows(url));
      }
      if (first != null && last != null) {
        out.printf(
            "last minute against first: send p50 x %.2f, transaction p50 x %.2f, engine rate x %.2f,"
                + " raw rate x %.2f, ratio x %.2f%n",
            last.sends.millis(50) / first.sends.millis(50),
            (double) last.transactions.latency.getValueAtPercentile(50)
                / first.transactions.latency.getValueAtPercentile(50),
            last.burst.perSecond() / first.burst.perSecond(),
            last.raw.perSecond() / first.raw.perSecond(),
            last.ratio() / first.ratio());
      }
    }
  }

  private Minute minute(Storage storage, RawDatabase raw, Duration paced) throws Exception {
    long before = groups(storage);
    CompletableFuture<Transactions> transactions =
        CompletableFuture.supplyAsync(
            () -> transactions(storage, paced), Thread.ofVirtual()::start);
    Measurement sends = Stores.append(storage, messages(), 256, SENDS_PER_SECOND, paced);
    long commits = groups(storage) - before;
    Transactions decided = transactions.get();
    Measurement bare = raw.insert(RAW_BATCH, 0, BURST);
    Measurement burst = Stores.append(storage, messages(), WINDOW, 0, BURST);
    return new Minute(sends, decided, commits, bare, burst);
  }

  /** One transaction after the other, each held, then released, at a given pace. */
  private Transactions transactions(Storage storage, Duration length) {
    Histogram latency = new Histogram(3);
    Message message = messages()[0];
    long start = System.nanoTime();
    double worstDueMs = 0;
    for (long number = 0; System.nanoTime() - start < length.toNanos(); number++) {
      long due = start + (long) (number * 1e9 / TRANSACTIONS_PER_SECOND);
      LockSupport.parkNanos(due - System.nanoTime());
      long begin = System.nanoTime();
      HoldId id = new HoldId(start, number);
      long wakeAtMs = System.currentTimeMillis() + TimeUnit.SECONDS.toMillis(6);
      write(
          storage,
          new Mutation.Hold(
              id, message.queueId(), message, HoldKind.TRANSACTION, wakeAtMs, Bytes.utf8("")));
      write(storage, new Mutation.Release(id));
      latency.recordValue(System.nanoTime() - begin);
      if (number % (long) TRANSACTIONS_PER_SECOND == 0) {
        long asked = System.nanoTime();
        storage
            .escrow()
            .due(HoldKind.TRANSACTION, Optional.empty(), System.currentTimeMillis(), 100);
        worstDueMs = Math.max(worstDueMs, (System.nanoTime() - asked) / 1e6);
      }
    }
    return new Transactions(latency, worstDueMs);
  }

  private static void write(Storage storage, Mutation mutation) {
    try {
      storage.write(WriteBatch.of(mutation)).toCompletableFuture().join();
    } catch (CompletionException e) {
      throw new IllegalStateException("a transaction failed", e);
    }
  }

  private static long groups(Storage storage) {
    return storage.maintenance().statistics().getOrDefault("groups-written", 0L);
  }

  /** Row versions that are dead and not cleared away, as the database last counted them. */
  private static String deadRows(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      return ask(
          connection,
          "select coalesce(string_agg(relname || ' ' || n_dead_tup, ', ' order by n_dead_tup desc),"
              + " 'none') from pg_stat_user_tables where n_dead_tup > 1000 and schemaname ="
              + " current_schema()");
    }
  }

  private static String ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static Message[] messages() {
    Message[] messages = new Message[QUEUES];
    for (int i = 0; i < QUEUES; i++) {
      messages[i] =
          new MessageBuilder()
              .queue(new QueueId("soak", i))
              .bornTimeMs(1_700_000_000_000L)
              .body(new byte[BODY_BYTES])
              .propertiesText(PROPERTIES)
              .build();
    }
    return messages;
  }
}
