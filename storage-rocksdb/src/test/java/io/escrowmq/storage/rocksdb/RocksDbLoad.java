package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * The engine against a bare loop over the same library in the same run: the same messages, batches
 * of 512, the same durability, in turns of half a second so that both see the same machine. A
 * program, not a test: {@code RocksDbLoad <directory> [turns] [messages in flight]}.
 */
final class RocksDbLoad {

  private static final TimeSource TIME = TimeSource.system();
  private static final int BATCH = 512;
  private static final int QUEUES = 8;
  private static final int BODY_BYTES = 256;
  private static final int WARM_UP_TURNS = 4;
  private static final double TURN_NANOS = 5e8;

  private final Path directory;
  private final int turns;
  private final int inFlight;

  private RocksDbLoad(Path directory, int turns, int inFlight) {
    this.directory = directory;
    this.turns = turns;
    this.inFlight = inFlight;
  }

  public static void main(String[] args) throws RocksDBException, IOException {
    int turns = args.length > 1 ? Integer.parseInt(args[1]) : 20;
    int inFlight = args.length > 2 ? Integer.parseInt(args[2]) : 4096;
    RocksDbLoad load = new RocksDbLoad(Path.of(args[0]), turns, inFlight);
    for (Durability durability : List.of(Durability.DURABLE, Durability.WRITTEN)) {
      load.compare(durability, false);
      load.compare(durability, true);
    }
  }

  /** Messages, time, and processor time of the whole process. */
  private record Figures(long count, double seconds, double cpuSeconds) {
    static final Figures NONE = new Figures(0, 0, 0);

    Figures plus(Figures other) {
      return new Figures(
          count + other.count, seconds + other.seconds, cpuSeconds + other.cpuSeconds);
    }

    double rate() {
      return count / seconds;
    }

    double cpuMicros() {
      return cpuSeconds * 1e6 / count;
    }
  }

  /** One turn of writing; returns the number of messages. */
  private interface Turn {
    long run(long begun) throws RocksDBException;
  }

  private void compare(Durability durability, boolean indexed)
      throws RocksDBException, IOException {
    Message[] messages = messages(indexed);
    StorageSettings defaults = StorageSettings.defaults(clean("engine"));
    StorageSettings settings =
        new StorageSettings(
            defaults.directory(),
            durability,
            defaults.decisionRetention(),
            defaults.retention(),
            defaults.options());
    Figures bare = Figures.NONE;
    Figures engine = Figures.NONE;
    List<Double> ratios = new ArrayList<>();
    try (Options options = new Options().setCreateIfMissing(true);
        RocksDB rocks = RocksDB.open(options, clean("bare").toString());
        WriteOptions writing = new WriteOptions().setSync(durability == Durability.DURABLE);
        Storage storage = new RocksDbStorageProvider().open(settings, StorageContext.system())) {
      for (int turn = -WARM_UP_TURNS; turn < turns; turn++) {
        Figures bareTurn = time(begun -> bare(rocks, writing, messages, begun));
        Figures engineTurn = time(begun -> engine(storage, messages, begun));
        if (turn >= 0) {
          bare = bare.plus(bareTurn);
          engine = engine.plus(engineTurn);
          ratios.add(engineTurn.rate() / bareTurn.rate());
        }
      }
      ratios.sort(Comparator.naturalOrder());
      System.out.printf(
          "%-8s %-9s bare %7.0f/s %5.2f us  engine %7.0f/s %5.2f us  ratio %.2f, median turn %.2f%n",
          durability,
          indexed ? "unique id" : "no key",
          bare.rate(),
          bare.cpuMicros(),
          engine.rate(),
          engine.cpuMicros(),
          engine.rate() / bare.rate(),
          ratios.get(ratios.size() / 2));
      long groups = storage.maintenance().statistics().get("groups");
      System.out.printf(
          "  groups of %d, read back %.0f/s%n", engine.count() / groups, readBack(storage));
    }
  }

  private static Figures time(Turn turn) throws RocksDBException {
    double cpu = cpuSeconds();
    long begun = TIME.nanos();
    long count = turn.run(begun);
    return new Figures(count, (TIME.nanos() - begun) / 1e9, cpuSeconds() - cpu);
  }

  private static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  /** A loop that only writes. */
  private static long bare(RocksDB rocks, WriteOptions writing, Message[] messages, long begun)
      throws RocksDBException {
    long count = 0;
    long base = TIME.nanos();
    while (TIME.nanos() - begun < TURN_NANOS) {
      try (org.rocksdb.WriteBatch batch = new org.rocksdb.WriteBatch()) {
        for (int i = 0; i < BATCH; i++) {
          Message message = messages[(int) (count % QUEUES)];
          byte[] value = new byte[message.size()];
          message.bytes().get(value);
          byte[] key =
              ByteBuffer.allocate(12).putInt(message.queue()).putLong(base + count++).array();
          batch.put(key, value);
        }
        rocks.write(writing, batch);
      }
    }
    return count;
  }

  /** The engine, each message a batch of its own. */
  private long engine(Storage storage, Message[] messages, long begun) {
    Semaphore window = new Semaphore(inFlight);
    AtomicReference<Throwable> failed = new AtomicReference<>();
    long count = 0;
    while (TIME.nanos() - begun < TURN_NANOS) {
      Message message = messages[(int) (count++ % QUEUES)];
      window.acquireUninterruptibly();
      var _ =
          storage
              .write(WriteBatch.of(new Mutation.Append(message.queueId(), message)))
              .whenComplete((receipt, failure) -> {
                if (failure != null) {
                  failed.set(failure);
                }
                window.release();
              });
    }
    window.acquireUninterruptibly(inFlight);
    if (failed.get() != null) {
      throw new IllegalStateException("a write failed", failed.get());
    }
    return count;
  }

  private static double readBack(Storage storage) {
    ReadLimits page = new ReadLimits(512, 1 << 20);
    long read = 0;
    long begun = TIME.nanos();
    for (int i = 0; i < QUEUES; i++) {
      QueueId queue = new QueueId("load", i);
      long next = 0;
      long max = Math.min(storage.log().bounds(queue).max(), 100_000);
      while (next < max) {
        try (MessageBatch batch = storage.log().read(queue, next, page)) {
          next += batch.messages().size();
          read += batch.messages().size();
        }
      }
    }
    return read * 1e9 / (TIME.nanos() - begun);
  }

  private static Message[] messages(boolean indexed) {
    Message[] messages = new Message[QUEUES];
    for (int i = 0; i < QUEUES; i++) {
      MessageBuilder builder =
          new MessageBuilder()
              .queue(new QueueId("load", i))
              .bornTimeMs(1)
              .body(new byte[BODY_BYTES]);
      messages[i] =
          indexed
              ? builder.propertiesText("UNIQ_KEY\u00010123456789ABCDEF0123456789\u0002").build()
              : builder.build();
    }
    return messages;
  }

  private Path clean(String name) throws IOException {
    Path path = directory.resolve(name);
    if (Files.exists(path)) {
      try (Stream<Path> all = Files.walk(path)) {
        all.sorted(Comparator.reverseOrder()).forEach(RocksDbLoad::delete);
      }
    }
    return Files.createDirectories(path);
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
