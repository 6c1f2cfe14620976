package io.escrowmq.benchmarks;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The RocksDB engine without network or broker, as a ratio to a bare loop over the same library in
 * the same run: the same rows (a message, and an index entry if it has a unique id), batches of
 * 512, the same durability, in turns of half a second so that both see the same machine.
 */
final class RocksDbBenchmark {

  private static final int BATCH = 512;
  private static final int QUEUES = 8;
  private static final int BODY_BYTES = 256;
  private static final int WINDOW = 4096;
  private static final int WARM_UP_TURNS = 4;
  private static final String UNIQUE_ID = "UNIQ_KEY\u00010123456789ABCDEF0123456789\u0002";
  private static final byte[] NOTHING = new byte[0];
  private static final Duration TURN = Duration.ofMillis(500);
  private static final ReadLimits PAGE = new ReadLimits(512, 1 << 20);

  private final Path directory;
  private final int turns;
  private final PrintStream out;

  RocksDbBenchmark(Path directory, Duration length, PrintStream out) {
    this.directory = directory;
    this.turns = (int) length.dividedBy(TURN);
    this.out = out;
  }

  void run() throws Exception {
    RocksDB.loadLibrary();
    out.printf(
        "%nengine rocksdb, RocksDB %s%n%d queues, bodies of %d bytes, turns of %d ms%n",
        RocksDB.rocksdbVersion(), QUEUES, BODY_BYTES, TURN.toMillis());
    for (Durability durability : new Durability[] {Durability.DURABLE, Durability.WRITTEN}) {
      compare(durability, "");
      compare(durability, UNIQUE_ID);
    }
  }

  private void compare(Durability durability, String properties) throws Exception {
    Message[] messages = messages(properties);
    Turns bare = new Turns();
    Turns engine = new Turns();
    Path bareStore = Stores.fresh(directory.resolve("bare"));
    Files.createDirectories(bareStore);
    try (Options options = new Options().setCreateIfMissing(true);
        RocksDB rocks = RocksDB.open(options, bareStore.toString());
        WriteOptions writing = new WriteOptions().setSync(durability == Durability.DURABLE);
        Storage storage =
            Stores.open(
                "rocksdb", Stores.fresh(directory.resolve("rocksdb")), durability, Map.of())) {
      for (int turn = -WARM_UP_TURNS; turn < turns; turn++) {
        Measurement bareTurn = bare(rocks, writing, messages, !properties.isEmpty());
        Measurement engineTurn = Stores.append(storage, messages, WINDOW, 0, TURN);
        if (turn >= 0) {
          bare.add(bareTurn);
          engine.add(engineTurn);
        }
      }
      String what =
          durability.name().toLowerCase(Locale.ROOT) + (properties.isEmpty() ? "" : ", unique id");
      out.printf("raw batch of %d, %-18s %s%n", BATCH, what, bare.sum());
      out.printf(
          "append, %-26s %s   = %.2f of raw, median turn %.2f%n",
          what,
          engine.sum(),
          engine.sum().perSecond() / bare.sum().perSecond(),
          engine.medianRatio(bare));
      out.printf(
          "read back, %d at a time        %s%n",
          PAGE.maxMessages(),
          Stores.read(storage, messages[0].queueId(), 0, PAGE, Duration.ofSeconds(10)));
    }
  }

  /** A loop that only writes; latencies are per batch. */
  private static Measurement bare(
      RocksDB rocks, WriteOptions writing, Message[] messages, boolean indexed)
      throws RocksDBException {
    Histogram latency = new Histogram(3);
    SplittableRandom hashes = new SplittableRandom(1);
    long start = System.nanoTime();
    long count = 0;
    long bytes = 0;
    while (System.nanoTime() - start < TURN.toNanos()) {
      long begin = System.nanoTime();
      try (WriteBatch batch = new WriteBatch()) {
        for (int i = 0; i < BATCH; i++) {
          Message message = messages[(int) (count % messages.length)];
          byte[] value = new byte[message.size()];
          message.bytes().get(value);
          batch.put(
              ByteBuffer.allocate(12).putInt(message.queue()).putLong(start + count++).array(),
              value);
          if (indexed) {
            batch.put(
                ByteBuffer.allocate(28).putLong(hashes.nextLong()).putLong(start + count).array(),
                NOTHING);
          }
          bytes += value.length;
        }
        rocks.write(writing, batch);
      }
      latency.recordValue(System.nanoTime() - begin);
    }
    return new Measurement(count, bytes, System.nanoTime() - start, latency);
  }

  private static Message[] messages(String properties) {
    Message[] messages = new Message[QUEUES];
    for (int i = 0; i < QUEUES; i++) {
      messages[i] =
          new MessageBuilder()
              .queue(new QueueId("load", i))
              .bornTimeMs(1)
              .body(new byte[BODY_BYTES])
              .propertiesText(properties)
              .build();
    }
    return messages;
  }
}
