package io.escrowmq.benchmarks;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/** The commitlog engine without network or broker, as ratios to the raw disk in the same run. */
final class CommitLogBenchmark {

  private static final int BODY_BYTES = 1024;

  private final Path directory;
  private final Duration length;
  private final PrintStream out;

  CommitLogBenchmark(Path directory, Duration length, PrintStream out) {
    this.directory = directory;
    this.length = length;
    this.out = out;
  }

  void run() throws Exception {
    out.printf("%nengine alone, 1 KiB bodies, one store per line%n");
    RawDisk raw = new RawDisk(directory);
    int record = message(new QueueId("bench", 0)).size();
    append(
        Durability.DURABLE,
        16,
        64,
        raw.measure(64 * record, true, length),
        "64 records + fdatasync");
    append(
        Durability.DURABLE,
        16,
        1024,
        raw.measure(1024 * record, true, length),
        "1024 records + fdatasync");
    append(
        Durability.WRITTEN, 16, 1024, raw.measure(256 * 1024, false, length), "256 KiB, no sync");
    halfLoad(raw.measure(4096, true, length));
    Measurement few = measure(Durability.WRITTEN, 16, 1024, 0);
    Measurement many = measure(Durability.WRITTEN, 100_000, 1024, 0);
    out.printf("written, 16 queues             %s%n", few);
    out.printf(
        "written, 100 k queues          %s   = %.2f of 16 queues%n",
        many, many.perSecond() / few.perSecond());
    read();
    recovery();
  }

  private void append(
      Durability durability, int queues, int window, Measurement raw, String rawName)
      throws Exception {
    Measurement engine = measure(durability, queues, window, 0);
    out.printf("raw: %-25s %s%n", rawName, raw);
    out.printf(
        "%-7s window %-5d            %s   = %.2f of raw bandwidth%n",
        durability.name().toLowerCase(Locale.ROOT),
        window,
        engine,
        engine.megabytesPerSecond() / raw.megabytesPerSecond());
  }

  private void halfLoad(Measurement raw) throws Exception {
    double full = measure(Durability.DURABLE, 16, 64, 0).perSecond();
    Measurement half = measure(Durability.DURABLE, 16, 64, full / 2);
    out.printf("raw: 4 KiB + fdatasync             %s%n", raw);
    out.printf(
        "durable at half load           %s   = p99 %.2f of raw fdatasync p99%n",
        half, half.millis(99) / raw.millis(99));
  }

  /**
   * Keeps {@code window} appends in flight, at most {@code rate} a second (0: as fast as it goes).
   */
  private Measurement measure(Durability durability, int queues, int window, double rate)
      throws Exception {
    try (Storage storage = open(fresh(), durability)) {
      Message[] messages = new Message[queues];
      for (int i = 0; i < queues; i++) {
        messages[i] = message(new QueueId("bench-" + i / 1000, i % 1000));
      }
      Stores.append(storage, messages, window, rate, Duration.ofSeconds(2));
      return Stores.append(storage, messages, window, rate, length);
    }
  }

  private void read() throws Exception {
    QueueId queue = new QueueId("bench-0", 0);
    try (Storage storage = open(fresh(), Durability.WRITTEN)) {
      Stores.append(storage, new Message[] {message(queue)}, 1024, 0, length);
      out.printf(
          "read back, 64 at a time        %s%n",
          Stores.read(storage, queue, 0, new ReadLimits(64, 256 * 1024), Duration.ofHours(1)));
    }
  }

  /**
   * Opening after a crash: the store is abandoned without close, so that everything must be
   * replayed.
   */
  private void recovery() throws Exception {
    Path crashed = fresh();
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                EngineFill.class.getName(),
                crashed.toString(),
                "400000")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    int ready = child.getInputStream().read();
    child.destroyForcibly().waitFor();
    if (ready < 0) {
      throw new IllegalStateException("the filling process ended early");
    }
    long start = System.nanoTime();
    try (Storage storage = open(crashed, Durability.DURABLE)) {
      double seconds = (System.nanoTime() - start) / 1e9;
      Map<String, Long> statistics = storage.maintenance().statistics();
      out.printf("open after SIGKILL with 400 k messages: %.2f s; %s%n", seconds, statistics);
    }
  }

  private Path fresh() throws IOException {
    return Stores.fresh(directory.resolve("engine"));
  }

  private static Storage open(Path store, Durability durability) {
    return Stores.open("commitlog", store, durability, Map.of());
  }

  static Message message(QueueId queue) {
    return new MessageBuilder()
        .queue(queue)
        .bornTimeMs(1)
        .body(new byte[BODY_BYTES])
        .propertiesText("UNIQ_KEY\u00010123456789ABCDEF0123456789ABCDEF\u0002TAGS\u0001tag\u0002")
        .build();
  }

  /** Fills a store and then waits to be killed. */
  static final class EngineFill {

    private EngineFill() {}

    public static void main(String[] arguments) throws Exception {
      Storage storage = open(Path.of(arguments[0]), Durability.DURABLE);
      int count = Integer.parseInt(arguments[1]);
      List<Message> messages =
          Stream.iterate(0, i -> i < 16, i -> i + 1)
              .map(i -> message(new QueueId("fill", i)))
              .toList();
      Semaphore inFlight = new Semaphore(1024);
      for (int i = 0; i < count; i++) {
        inFlight.acquire();
        Message message = messages.get(i % messages.size());
        storage
            .write(WriteBatch.of(new Mutation.Append(message.queueId(), message)))
            .whenComplete((WriteReceipt receipt, Throwable failure) -> inFlight.release());
      }
      inFlight.acquire(1024);
      System.out.write('r');
      System.out.flush();
      Thread.currentThread().join();
    }
  }
}
