package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.DiskFile;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The engine against a raw write + fdatasync loop on the same disk, in the same run. A program, not
 * a test: {@code CommitLogLoad <directory> durable|written|queues|holds|drain|fill|open
 * [key=value]...}
 */
final class CommitLogLoad {

  private static final TimeSource TIME = TimeSource.system();
  private static final long MIB = 1 << 20;

  private final Path directory;
  private final Map<String, String> arguments;

  private CommitLogLoad(Path directory, Map<String, String> arguments) {
    this.directory = directory;
    this.arguments = arguments;
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> arguments = new HashMap<>();
    Arrays.stream(args)
        .skip(2)
        .map(arg -> arg.split("=", 2))
        .forEach(pair -> arguments.put(pair[0], pair[1]));
    CommitLogLoad load = new CommitLogLoad(Path.of(args[0]), arguments);
    switch (args[1]) {
      case "durable" -> load.compareDurable();
      case "written" -> load.compareWritten();
      case "run" -> load.runOnce();
      case "queues" -> load.compareQueues();
      case "holds" -> load.holds();
      case "drain" -> load.drain();
      case "fill" -> load.fill();
      case "open" -> load.open();
      default -> throw new IllegalArgumentException("unknown run " + args[1]);
    }
  }

  /** What one run did. */
  private record Figures(
      long messages,
      double seconds,
      long bytes,
      long syncs,
      long p50Micros,
      long p99Micros,
      double cpuSeconds) {

    double rate() {
      return messages / seconds;
    }

    double megabytes() {
      return bytes / seconds / 1e6;
    }

    long blockBytes() {
      return syncs == 0 ? 0 : bytes / syncs;
    }

    void print(String name) {
      System.out.printf(
          "%-28s %9.0f msg/s %8.1f MB/s  p50 %6d us  p99 %6d us  cpu %5.2f us/msg"
              + "  %6d syncs  block %d%n",
          name,
          rate(),
          megabytes(),
          p50Micros,
          p99Micros,
          cpuSeconds * 1e6 / messages,
          syncs,
          blockBytes());
    }
  }

  private void compareDurable() throws Exception {
    for (int inFlight : List.of(64, 256, 1024, 4096)) {
      Figures engine = run(Durability.DURABLE, number("queues", 16), inFlight, 1);
      engine.print("durable, " + inFlight + " in flight");
      int block = (int) Math.clamp((engine.blockBytes() + 4095) & -4096, 4096, 16 * MIB);
      double raw = raw(block, true);
      System.out.printf(
          "%-28s %8.1f MB/s: ratio %.2f%n", "raw, same block", raw, engine.megabytes() / raw);
    }
  }

  private void compareWritten() throws Exception {
    double raw = raw(256 * 1024, false);
    System.out.printf("%-28s %8.1f MB/s%n", "raw 256 KiB pwrite", raw);
    for (int batch : List.of(1, 8, 32)) {
      Figures engine =
          run(Durability.WRITTEN, number("queues", 16), number("in-flight", 4096), batch);
      engine.print("written, batches of " + batch);
      System.out.printf("%-28s ratio %.2f%n", "", engine.megabytes() / raw);
    }
  }

  private void runOnce() throws Exception {
    Durability level = Durability.valueOf(arguments.getOrDefault("level", "DURABLE"));
    run(level, number("queues", 16), number("in-flight", 1024), number("batch", 1))
        .print(level.toString());
  }

  private void compareQueues() throws Exception {
    Durability level = Durability.valueOf(arguments.getOrDefault("level", "DURABLE"));
    double few = 0;
    for (int queues : List.of(16, 100_000, 16, 100_000)) {
      Figures engine = run(level, queues, number("in-flight", 1024), 1);
      engine.print(queues + " queues");
      if (queues == 16) {
        few = engine.rate();
      } else {
        System.out.printf("%-28s ratio %.2f%n", "", engine.rate() / few);
      }
    }
  }

  private Figures run(Durability level, int queues, int inFlight, int batch) throws Exception {
    clean();
    try (Storage storage = openStorage(level)) {
      append(storage, queues, inFlight, batch, number("warm-up-ms", 2000));
      long syncs = storage.maintenance().statistics().get("syncs");
      Figures figures = append(storage, queues, inFlight, batch, number("run-ms", 5000));
      long after = storage.maintenance().statistics().get("syncs");
      return new Figures(
          figures.messages(),
          figures.seconds(),
          figures.bytes(),
          after - syncs,
          figures.p50Micros(),
          figures.p99Micros(),
          figures.cpuSeconds());
    }
  }

  private Figures append(Storage storage, int queues, int inFlight, int batch, long runMs)
      throws InterruptedException {
    int threads = number("threads", 1);
    Message[] messages = messages(queues);
    AtomicLong done = new AtomicLong();
    AtomicLong bytes = new AtomicLong();
    List<long[]> latencies = new ArrayList<>();
    double cpuBefore = cpuSeconds();
    long start = TIME.nanos();
    List<Thread> senders = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Semaphore window = new Semaphore(Math.max(1, inFlight / threads));
      long[] histogram = new long[4096];
      latencies.add(histogram);
      int seed = t;
      senders.add(
          Thread.ofPlatform()
              .start(() -> {
                int next = seed * 7919;
                while (TIME.nanos() - start < runMs * 1_000_000) {
                  WriteBatch.Builder builder = WriteBatch.builder();
                  long size = 0;
                  for (int i = 0; i < batch; i++) {
                    Message message = messages[Math.floorMod(next++, messages.length)];
                    size += message.size();
                    builder.add(new Mutation.Append(message.queueId(), message));
                  }
                  send(storage, builder.build(), window, histogram);
                  done.addAndGet(batch);
                  bytes.addAndGet(size);
                }
                window.acquireUninterruptibly(Math.max(1, inFlight / threads));
              }));
    }
    for (Thread sender : senders) {
      sender.join();
    }
    double seconds = (TIME.nanos() - start) / 1e9;
    double cpuSeconds = cpuSeconds() - cpuBefore;
    return new Figures(
        done.get(),
        seconds,
        bytes.get(),
        0,
        percentile(latencies, 0.5),
        percentile(latencies, 0.99),
        cpuSeconds);
  }

  /** Processor time of this process so far. */
  private static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  /** Latencies up to 100 ms in steps of 25 us. */
  private static void send(Storage storage, WriteBatch batch, Semaphore window, long[] histogram) {
    window.acquireUninterruptibly();
    long begun = TIME.nanos();
    var _ =
        storage
            .write(batch)
            .whenComplete((receipt, failure) -> {
              window.release();
              if (failure instanceof StorageException.Overloaded overloaded) {
                LockSupport.parkNanos(overloaded.retryAfter().toNanos());
              } else if (failure != null) {
                failure.printStackTrace();
                Runtime.getRuntime().halt(1);
              }
              long step = (TIME.nanos() - begun) / 25_000;
              histogram[(int) Math.min(step, histogram.length - 1)]++;
            });
  }

  private static long percentile(List<long[]> histograms, double share) {
    long total = histograms.stream().flatMapToLong(Arrays::stream).sum();
    long seen = 0;
    for (int i = 0; i < 4096; i++) {
      int step = i;
      seen += histograms.stream().mapToLong(histogram -> histogram[step]).sum();
      if (seen >= total * share) {
        return 25L * (i + 1);
      }
    }
    return -1;
  }

  private void holds() throws Exception {
    clean();
    try (Storage storage = openStorage(Durability.DURABLE)) {
      Message message = messages(1)[0];
      int pairs = number("pairs", 100_000);
      Semaphore window = new Semaphore(number("in-flight", 256));
      long[] histogram = new long[4096];
      long start = TIME.nanos();
      for (int i = 0; i < pairs; i++) {
        HoldId id = new HoldId(i * 0x9E3779B97F4A7C15L, i);
        send(
            storage,
            WriteBatch.of(
                new Mutation.Hold(
                    id,
                    message.queueId(),
                    message,
                    HoldKind.TRANSACTION,
                    TIME.nowMs() + 6000,
                    Bytes.EMPTY)),
            window,
            histogram);
        send(storage, WriteBatch.of(new Mutation.Release(id)), window, histogram);
      }
      window.acquireUninterruptibly(number("in-flight", 256));
      double seconds = (TIME.nanos() - start) / 1e9;
      System.out.printf("%-28s %9.0f transactions/s%n", "hold + release", pairs / seconds);
    }
  }

  private void drain() throws Exception {
    clean();
    try (Storage storage = openStorage(Durability.WRITTEN)) {
      append(storage, 8, 4096, 8, number("run-ms", 5000));
      for (int round = 0; round < 3; round++) {
        double cpu = cpuSeconds();
        long start = TIME.nanos();
        long messages = 0;
        long bytes = 0;
        for (int q = 0; q < 8; q++) {
          QueueId queue = new QueueId("load", q);
          long next = 0;
          long max = storage.log().bounds(queue).max();
          while (next < max) {
            try (MessageBatch batch =
                storage.log().read(queue, next, new ReadLimits(32, 1 << 20))) {
              next += batch.messages().size();
              messages += batch.messages().size();
              bytes += batch.messages().stream().mapToLong(Message::size).sum();
            }
          }
        }
        double seconds = (TIME.nanos() - start) / 1e9;
        new Figures(messages, seconds, bytes, 0, 0, 0, cpuSeconds() - cpu)
            .print("drain in pages of 32");
      }
    }
  }

  /** Fills a store and dies without closing it. */
  private void fill() throws Exception {
    clean();
    long wanted = number("megabytes", 1024) * MIB;
    Storage storage = openStorage(Durability.WRITTEN);
    long written = 0;
    while (written < wanted) {
      written += append(storage, number("queues", 16), 4096, 8, 1000).bytes();
    }
    System.out.printf("filled %d MiB, halting%n", written / MIB);
    Runtime.getRuntime().halt(0);
  }

  private void open() throws Exception {
    long start = TIME.nanos();
    try (Storage storage = openStorage(Durability.DURABLE)) {
      double seconds = (TIME.nanos() - start) / 1e9;
      Message message = messages(1)[0];
      storage
          .write(WriteBatch.of(new Mutation.Append(message.queueId(), message)))
          .toCompletableFuture()
          .get();
      double accepted = (TIME.nanos() - start) / 1e9;
      System.out.printf(
          "open %.3f s, first durable message %.3f s, log %d MiB%n",
          seconds, accepted, storage.maintenance().statistics().get("applied-position") / MIB);
    }
  }

  /** MB/s of a loop that writes blocks one after another into written files. */
  private double raw(int blockBytes, boolean force) throws IOException {
    Path file = directory.resolveSibling(directory.getFileName() + ".raw");
    long size = 512 * MIB;
    try (DiskFile raw = Disk.real().open(file)) {
      ByteBuffer block = ByteBuffer.allocateDirect((int) Math.max(blockBytes, MIB));
      for (long at = 0; at < size; at += MIB) {
        raw.write(block.clear().limit((int) MIB), at);
      }
      raw.force();
      double best = 0;
      for (int round = 0; round < 2; round++) {
        best = Math.max(best, rawRound(raw, block, blockBytes, size, force));
      }
      return best;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private double rawRound(DiskFile raw, ByteBuffer block, int blockBytes, long size, boolean force)
      throws IOException {
    long start = TIME.nanos();
    long at = 0;
    long written = 0;
    while (TIME.nanos() - start < number("raw-ms", 2000) * 1_000_000L) {
      if (at + blockBytes > size) {
        at = 0;
      }
      raw.write(block.clear().limit(blockBytes), at);
      if (force) {
        raw.force();
      }
      at += blockBytes;
      written += blockBytes;
    }
    return written / ((TIME.nanos() - start) / 1e9) / 1e6;
  }

  private Storage openStorage(Durability level) {
    Map<String, String> options = new HashMap<>(arguments);
    options.keySet().removeIf(key -> !key.endsWith("-bytes") && !key.endsWith("-percent"));
    options.remove("body-bytes");
    StorageSettings defaults = StorageSettings.defaults(directory);
    StorageSettings settings =
        new StorageSettings(directory, level, Duration.ofDays(7), defaults.retention(), options);
    return new CommitLogStorageProvider().open(settings, StorageContext.system());
  }

  private Message[] messages(int queues) {
    Message[] messages = new Message[queues];
    byte[] body = new byte[number("body-bytes", 1024)];
    Arrays.fill(body, (byte) 'x');
    String properties =
        Optional.ofNullable(arguments.get("unique"))
            .map(id -> "UNIQ_KEY\u0001" + id + "\u0002")
            .orElse("");
    for (int i = 0; i < queues; i++) {
      messages[i] =
          new MessageBuilder()
              .queue(new QueueId("load", i))
              .body(body)
              .propertiesText(properties)
              .build();
    }
    return messages;
  }

  private int number(String key, int ifAbsent) {
    String text = arguments.get(key);
    return text == null ? ifAbsent : Integer.parseInt(text);
  }

  private void clean() throws IOException {
    if (Files.exists(directory)) {
      try (var files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(directory);
  }
}
