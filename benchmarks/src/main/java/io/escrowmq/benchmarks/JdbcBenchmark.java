package io.escrowmq.benchmarks;

import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * The relational engine without network or broker, as ratios to the raw database in the same run:
 * the same rows, one connection each, the same durability, in turns of a second so that both see
 * the same machine.
 */
final class JdbcBenchmark {

  private static final int QUEUES = 8;
  private static final int BODY_BYTES = 256;
  private static final int RAW_BATCH = 500;
  private static final int WINDOW = 2048;
  private static final int WARM_UP_TURNS = 5;
  private static final String NO_KEY = "";
  private static final String UNIQUE_ID = "UNIQ_KEY\u00010123456789ABCDEF0123456789\u0002";
  private static final ReadLimits PAGE = new ReadLimits(500, 4 << 20);
  private static final Duration TURN = Duration.ofSeconds(1);
  private static final Duration FILL = Duration.ofSeconds(4);

  private final Path directory;
  private final int turns;
  private final Map<String, String> given;
  private final PrintStream out;

  JdbcBenchmark(Path directory, Duration length, Map<String, String> given, PrintStream out) {
    this.directory = directory;
    this.turns = Math.toIntExact(length.toSeconds());
    this.given = given;
    this.out = out;
  }

  void run() throws Exception {
    String url = given.get("jdbc-url");
    if (url != null) {
      run(url);
      return;
    }
    try (DevPostgres postgres = DevPostgres.start()) {
      run(postgres.url("bench"));
    }
  }

  private void run(String url) throws Exception {
    try (RawDatabase raw = new RawDatabase(url, QUEUES, new byte[BODY_BYTES])) {
      out.printf(
          "%nengine jdbc on %s%n%d queues, bodies of %d bytes, turns of %d s%n",
          raw.version(), QUEUES, BODY_BYTES, TURN.toSeconds());
      try (Storage storage = open(url)) {
        double full = append(storage, raw);
        halfLoad(storage, raw, full / 2);
      }
      raw.dropAll();
      try (Storage storage = open(url)) {
        raw.insert(RAW_BATCH, 0, FILL);
        Stores.append(storage, messages(UNIQUE_ID), WINDOW, 0, FILL);
      }
      raw.vacuum();
      try (Storage storage = open(url)) {
        catchUp(storage, raw);
      }
    }
  }

  /** Appends as fast as it goes; the rate without a key. */
  private double append(Storage storage, RawDatabase raw) throws Exception {
    Turns bare = new Turns();
    Turns plain = new Turns();
    Turns keyed = new Turns();
    long groups = groups(storage);
    for (int turn = -WARM_UP_TURNS; turn < turns; turn++) {
      Measurement bareTurn = raw.insert(RAW_BATCH, 0, TURN);
      Measurement plainTurn = Stores.append(storage, messages(NO_KEY), WINDOW, 0, TURN);
      Measurement keyedTurn = Stores.append(storage, messages(UNIQUE_ID), WINDOW, 0, TURN);
      if (turn < 0) {
        groups = groups(storage);
      } else {
        bare.add(bareTurn);
        plain.add(plainTurn);
        keyed.add(keyedTurn);
      }
    }
    long rows = plain.sum().operations() + keyed.sum().operations();
    out.printf("raw insert, %d rows a commit  %s%n", RAW_BATCH, bare.sum());
    print("append, window " + WINDOW, plain, bare);
    print("append with key index", keyed, bare);
    out.printf("  %d rows a commit%n", rows / (groups(storage) - groups));
    return plain.sum().perSecond();
  }

  /**
   * What an acknowledgement takes at a given rate, beside raw commits of as many rows each: beside
   * the commit alone, and beside what somebody waits for it who does not stop for a slow one, as
   * the engine's callers do not.
   */
  private void halfLoad(Storage storage, RawDatabase raw, double rate) throws Exception {
    Turns bare = new Turns();
    Turns due = new Turns();
    Turns engine = new Turns();
    int batch = 1;
    for (int turn = -WARM_UP_TURNS; turn < turns; turn++) {
      long groups = groups(storage);
      Measurement engineTurn = Stores.append(storage, messages(NO_KEY), 2 * WINDOW, rate, TURN);
      groups = groups(storage) - groups;
      batch = (int) Math.max(1, engineTurn.operations() / groups);
      Histogram fromDue = new Histogram(3);
      Measurement bareTurn = raw.insert(batch, rate, TURN, fromDue);
      if (turn >= 0) {
        engine.add(engineTurn);
        bare.add(bareTurn);
        due.add(bareTurn.withLatency(fromDue));
      }
    }
    out.printf("raw commit of %d rows, paced  %s%n", batch, bare.sum());
    out.printf("  from when it was due        %s%n", due.sum());
    out.printf(
        "acknowledgement, half load    %s   = p99 in the median turn %.2f of a raw commit's,"
            + " %.2f of one's from when it was due; over all turns %.2f and %.2f%n",
        engine.sum(),
        engine.medianRatio(bare, 99),
        engine.medianRatio(due, 99),
        engine.sum().millis(99) / bare.sum().millis(99),
        engine.sum().millis(99) / due.sum().millis(99));
  }

  /** Reads everything from the first queue to the last and again, page by page. */
  private void catchUp(Storage storage, RawDatabase raw) throws SQLException {
    Turns bare = new Turns();
    Turns engine = new Turns();
    int number = 0;
    long offset = 0;
    for (int turn = -2 * WARM_UP_TURNS; turn < turns; turn++) {
      Measurement bareTurn = raw.select(PAGE.maxMessages(), TURN);
      Turns engineTurn = new Turns();
      Duration left = TURN;
      while (left.isPositive()) {
        Measurement part = Stores.read(storage, queue(number), offset, PAGE, left);
        engineTurn.add(part);
        left = left.minusNanos(part.nanos());
        number = left.isPositive() ? (number + 1) % QUEUES : number;
        offset = left.isPositive() ? 0 : offset + part.operations();
      }
      if (turn >= 0) {
        bare.add(bareTurn);
        engine.add(engineTurn.sum());
      }
    }
    out.printf("raw select, %d rows a page   %s%n", PAGE.maxMessages(), bare.sum());
    print("catch-up read", engine, bare);
  }

  private void print(String what, Turns engine, Turns bare) {
    out.printf(
        "%-29s %s   = %.2f of raw, median turn %.2f%n",
        what,
        engine.sum(),
        engine.sum().perSecond() / bare.sum().perSecond(),
        engine.medianRatio(bare));
  }

  private Storage open(String url) {
    return Stores.open("jdbc", directory.resolve("jdbc"), Durability.DURABLE, Map.of("url", url));
  }

  private static long groups(Storage storage) {
    return storage.maintenance().statistics().getOrDefault("groups-written", 0L);
  }

  private static QueueId queue(int number) {
    return new QueueId("load", number);
  }

  private static Message[] messages(String properties) {
    Message[] messages = new Message[QUEUES];
    for (int i = 0; i < QUEUES; i++) {
      messages[i] =
          new MessageBuilder()
              .queue(queue(i))
              .bornTimeMs(1_700_000_000_000L)
              .body(new byte[BODY_BYTES])
              .propertiesText(properties)
              .build();
    }
    return messages;
  }
}
