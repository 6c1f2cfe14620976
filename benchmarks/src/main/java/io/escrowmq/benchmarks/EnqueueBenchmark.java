package io.escrowmq.benchmarks;

import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.server.process.ServerProcess;
import io.escrowmq.storage.jdbc.IntakeSchema;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;

/**
 * What it costs an application to enqueue a message in its own transaction, in turns with the same
 * transactions without, and how soon the official client has the message.
 */
final class EnqueueBenchmark {

  private static final int CLIENTS = 16;
  private static final int BODY_BYTES = 1024;
  private static final int WARM_UP_TURNS = 3;
  private static final int SLOW_RATE = 20;
  private static final Duration TURN = Duration.ofSeconds(2);
  private static final String PLAIN = "plain transfer";
  private static final String NO_SERVER = "with enqueue, nobody moves";
  private static final String NOTIFY = "  and a NOTIFY in each commit";
  private static final String MOVED = "with enqueue, server moves";

  private final Path directory;
  private final int turns;
  private final PrintStream out;

  EnqueueBenchmark(Path directory, Duration length, PrintStream out) {
    this.directory = directory;
    this.turns = Math.toIntExact(length.toSeconds());
    this.out = out;
  }

  void run() throws Exception {
    try (DevPostgres postgres = DevPostgres.start()) {
      String bank = postgres.url("bank");
      for (String schema : List.of("bank", "unmoved", "calling")) {
        postgres.url(schema);
      }
      try (BankLoad load = new BankLoad(bank, CLIENTS, BODY_BYTES)) {
        for (String schema : List.of("bank", "unmoved", "calling")) {
          load.execute(IntakeSchema.script("postgresql", schema));
        }
        load.execute("insert into calling.escrow_intake_mover values (0, true)");
        try (ServerProcess _ =
            ServerProcess.start(
                serverJar(),
                directory.resolve("enqueue"),
                List.of("-Xmx768m"),
                List.of(
                    "--escrowmq.storage.type=jdbc",
                    "--escrowmq.storage.jdbc.url=" + postgres.url("mq"),
                    "--escrowmq.intake.bank.schema=bank"))) {
          rates(load);
        }
        try (ServerProcess server =
            ServerProcess.start(
                serverJar(),
                directory.resolve("enqueue"),
                List.of("-Xmx768m"),
                List.of(
                    "--escrowmq.storage.type=jdbc",
                    "--escrowmq.storage.jdbc.url=" + postgres.url("mq"),
                    "--escrowmq.intake.bank.schema=bank"))) {
          latencies(load, server);
        }
      }
    }
  }

  private static Path serverJar() {
    return Path.of(System.getProperty("escrowmq.server.jar"));
  }

  /** One way to transfer, and its turns. */
  private record Kind(String name, String enqueue, Turns taken) {}

  private void rates(BankLoad load) throws Exception {
    List<Kind> kinds =
        List.of(
            new Kind(PLAIN, "", new Turns()),
            new Kind(NO_SERVER, enqueue("unmoved"), new Turns()),
            new Kind(NOTIFY, enqueue("calling"), new Turns()),
            new Kind(MOVED, enqueue("bank"), new Turns()));
    out.printf(
        "%nenqueue on PostgreSQL: %d clients, bodies of %d bytes, turns of %d s, load average %.1f%n",
        CLIENTS,
        BODY_BYTES,
        TURN.toSeconds(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    long left = 0;
    for (int turn = -WARM_UP_TURNS; turn < turns; turn++) {
      for (Kind kind : kinds) {
        Measurement measured = load.transfers(kind.enqueue(), TURN);
        left = Math.max(left, load.count("bank.escrow_intake"));
        tidy(load);
        if (turn >= 0) {
          kind.taken().add(measured);
        }
      }
    }
    Turns plain = kinds.getFirst().taken();
    for (Kind kind : kinds) {
      out.printf(
          "%-32s %s   = %.2f of plain, median turn %.2f%n",
          kind.name(),
          kind.taken().sum(),
          kind.taken().sum().perSecond() / plain.sum().perSecond(),
          kind.taken().medianRatio(plain));
    }
    out.printf("  at most %d rows waited at the end of a turn%n", left);
  }

  /** No turn pays for what another one left. */
  private static void tidy(BankLoad load) throws SQLException {
    load.execute("truncate unmoved.escrow_intake, calling.escrow_intake");
    while (load.count("bank.escrow_intake") > 0) {
      LockSupport.parkNanos(10_000_000);
    }
  }

  private void latencies(BankLoad load, ServerProcess server) throws Exception {
    Histogram seen = new ConcurrentHistogram(3);
    AtomicLong received = new AtomicLong();
    DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("enqueue-bench");
    consumer.setNamesrvAddr(server.nameServer());
    consumer.subscribe("bench", "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, _) -> {
              long now = System.nanoTime();
              messages.forEach(message -> {
                long sent = ByteBuffer.wrap(message.getBody()).getLong();
                if (sent != 0) {
                  seen.recordValue(Math.max(1, now - sent));
                  received.incrementAndGet();
                }
              });
              return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    consumer.start();
    try {
      paced(load, received, 2, Duration.ofSeconds(5));
      seen.reset();
      print(
          "one every 5 s (asleep)",
          paced(load, received, 0.2, Duration.ofSeconds(5L * turns)),
          seen);
      seen.reset();
      print(
          SLOW_RATE + " a second",
          paced(load, received, SLOW_RATE, TURN.multipliedBy(turns)),
          seen);
      seen.reset();
      print("200 a second", paced(load, received, 200, TURN.multipliedBy(turns)), seen);
    } finally {
      consumer.shutdown();
    }
  }

  private void print(String rate, long sent, Histogram seen) {
    out.printf(
        "commit to the client's listener, %-24s %6d messages  p50 %7.2f  p99 %7.2f  max %7.2f ms%n",
        rate,
        sent,
        seen.getValueAtPercentile(50) / 1e6,
        seen.getValueAtPercentile(99) / 1e6,
        seen.getMaxValue() / 1e6);
  }

  /** Sends at a rate and waits for the last; the message says when its transaction was begun. */
  private static long paced(BankLoad load, AtomicLong received, double rate, Duration length)
      throws SQLException {
    long begin = System.nanoTime();
    long before = received.get();
    long sent = 0;
    long stepNs = (long) (1e9 / rate);
    while (System.nanoTime() - begin < length.toNanos()) {
      LockSupport.parkNanos(begin + sent * stepNs - System.nanoTime());
      byte[] body = new byte[BODY_BYTES];
      ByteBuffer.wrap(body).putLong(System.nanoTime());
      load.transfer(enqueue("bank"), body);
      sent++;
    }
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (received.get() - before < sent && System.nanoTime() < deadline) {
      LockSupport.parkNanos(5_000_000);
    }
    if (received.get() - before != sent) {
      throw new IllegalStateException(
          sent + " were enqueued and " + (received.get() - before) + " came");
    }
    return sent;
  }

  private static String enqueue(String schema) {
    return "select " + schema + ".escrowmq_send('bench', ?::bytea)";
  }
}
