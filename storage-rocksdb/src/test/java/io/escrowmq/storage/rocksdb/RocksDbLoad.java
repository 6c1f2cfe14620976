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
 * of 512, the same durability. A program, not a test: {@code RocksDbLoad <directory> [seconds per
 * run] [rounds] [messages in flight]}.
 */
final class RocksDbLoad {

  private static final TimeSource TIME = TimeSource.system();
  private static final int BATCH = 512;
  private static final int QUEUES = 8;
  private static final int BODY_BYTES = 256;

  private final Path directory;
  private final double seconds;
  private final int inFlight;

  private RocksDbLoad(Path directory, double seconds, int inFlight) {
    this.directory = directory;
    this.seconds = seconds;
    this.inFlight = inFlight;
  }

  public static void main(String[] args) throws RocksDBException, IOException {
    double seconds = args.length > 1 ? Double.parseDouble(args[1]) : 5;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 3;
    int inFlight = args.length > 3 ? Integer.parseInt(args[3]) : 4096;
    RocksDbLoad load = new RocksDbLoad(Path.of(args[0]), seconds, inFlight);
    for (Durability durability : List.of(Durability.DURABLE, Durability.WRITTEN)) {
      for (boolean indexed : new boolean[] {false, true}) {
        load.compare(durability, indexed, rounds);
      }
    }
  }

  private void compare(Durability durability, boolean indexed, int rounds)
      throws RocksDBException, IOException {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      double bare = bare(durability, indexed);
      double engine = engine(durability, indexed);
      ratios.add(engine / bare);
      System.out.printf(
          "%-8s %-12s bare %9.0f/s  engine %9.0f/s  ratio %.2f%n",
          durability, indexed ? "unique id" : "no key", bare, engine, engine / bare);
    }
    ratios.sort(Comparator.naturalOrder());
    System.out.printf("%s median ratio %.2f%n", durability, ratios.get(rounds / 2));
  }

  /** Messages a second that a loop writes which does nothing else. */
  private double bare(Durability durability, boolean indexed) throws RocksDBException, IOException {
    Path database = clean("bare");
    Message[] messages = messages(indexed);
    try (Options options = new Options().setCreateIfMissing(true);
        RocksDB rocks = RocksDB.open(options, database.toString());
        WriteOptions writing = new WriteOptions().setSync(durability == Durability.DURABLE)) {
      long count = 0;
      long begun = TIME.nanos();
      while (TIME.nanos() - begun < seconds * 1e9) {
        try (org.rocksdb.WriteBatch batch = new org.rocksdb.WriteBatch()) {
          for (int i = 0; i < BATCH; i++) {
            Message message = messages[(int) (count % QUEUES)];
            byte[] value = new byte[message.size()];
            message.bytes().get(value);
            byte[] key = ByteBuffer.allocate(12).putInt(message.queue()).putLong(count++).array();
            batch.put(key, value);
          }
          rocks.write(writing, batch);
        }
      }
      return count * 1e9 / (TIME.nanos() - begun);
    }
  }

  /** Messages a second that the engine acknowledges, each a batch of its own. */
  private double engine(Durability durability, boolean indexed) throws IOException {
    StorageSettings defaults = StorageSettings.defaults(clean("engine"));
    StorageSettings settings =
        new StorageSettings(
            defaults.directory(),
            durability,
            defaults.decisionRetention(),
            defaults.retention(),
            defaults.options());
    Message[] messages = messages(indexed);
    try (Storage storage = new RocksDbStorageProvider().open(settings, StorageContext.system())) {
      Semaphore window = new Semaphore(inFlight);
      AtomicReference<Throwable> failed = new AtomicReference<>();
      long count = 0;
      long begun = TIME.nanos();
      while (TIME.nanos() - begun < seconds * 1e9) {
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
      double rate = count * 1e9 / (TIME.nanos() - begun);
      if (failed.get() != null) {
        throw new IllegalStateException("a write failed", failed.get());
      }
      System.out.printf(
          "  groups of %d, read back %.0f/s%n",
          count / storage.maintenance().statistics().get("groups"), readBack(storage));
      return rate;
    }
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
