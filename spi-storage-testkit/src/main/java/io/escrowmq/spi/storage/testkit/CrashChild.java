package io.escrowmq.spi.storage.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The program that the crash suite kills: opens a store and writes the plan of each of its threads
 * for as long as it lives, saying on standard output what it is about to write, what was
 * acknowledged, and what a reader saw. It ends by itself when its parent is gone.
 */
final class CrashChild {

  private static final ReadLimits ONE = new ReadLimits(1, 1);

  private final Storage storage;
  private final PrintStream out;

  private CrashChild(Storage storage, PrintStream out) {
    this.storage = storage;
    this.out = out;
  }

  /** Arguments: provider, directory, durability, weakest, seed, round, threads, ids, options. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
    endWithParent();
    Path directory = Path.of(arguments[1]);
    Durability durability = Durability.valueOf(arguments[2]);
    Durability weakest = Durability.valueOf(arguments[3]);
    long seed = Long.parseLong(arguments[4]);
    int round = Integer.parseInt(arguments[5]);
    int threads = Integer.parseInt(arguments[6]);
    List<HoldId> inherited =
        Files.readAllLines(Path.of(arguments[7])).stream().map(HoldId::parse).toList();
    Map<String, String> options = new HashMap<>();
    for (String option : Arrays.asList(arguments).subList(8, arguments.length)) {
      int equals = option.indexOf('=');
      options.put(option.substring(0, equals), option.substring(equals + 1));
    }
    out.println(CrashReport.OPENING);
    CrashChild child = new CrashChild(open(arguments[0], directory, durability, options), out);
    out.println(CrashReport.READY);
    for (int i = 0; i < threads; i++) {
      int thread = i;
      CrashPlan plan =
          new CrashPlan(seed, round, thread, share(inherited, thread, threads), weakest);
      start("writer-" + thread, () -> child.write(thread, plan));
    }
    start("reader", () -> child.read(new Random(seed + round)));
    start("maintainer", () -> child.maintain(new Random(seed - round)));
  }

  /** The ids of earlier rounds that belong to one thread. */
  static List<HoldId> share(List<HoldId> inherited, int thread, int threads) {
    return inherited.stream().filter(id -> Math.floorMod(id.low(), threads) == thread).toList();
  }

  private static Storage open(
      String provider, Path directory, Durability durability, Map<String, String> options) {
    StorageSettings defaults = StorageSettings.defaults(directory);
    StorageSettings settings =
        new StorageSettings(
            directory,
            durability,
            defaults.decisionRetention(),
            new RetentionPolicy(Duration.ofDays(36_500), Long.MAX_VALUE),
            options);
    return ServiceLoader.load(StorageProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(found -> found.id().equals(provider))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no storage provider " + provider))
        .open(settings, StorageContext.system());
  }

  private void write(int thread, CrashPlan plan) {
    Semaphore room = new Semaphore(CrashPlan.IN_FLIGHT);
    for (int index = 0; index >= 0; index++) {
      room.acquireUninterruptibly();
      out.println(CrashReport.attempt(thread, index));
      submit(thread, index, plan.next(), room);
    }
  }

  private void submit(int thread, int index, WriteBatch batch, Semaphore room) {
    storage
        .write(batch)
        .whenComplete((receipt, failure) -> {
          if (failure instanceof StorageException.Overloaded overloaded) {
            start("retry", () -> retry(thread, index, batch, room, overloaded));
          } else if (failure != null) {
            end(failure);
          } else {
            out.println(CrashReport.acknowledgement(thread, index, receipt));
            room.release();
          }
        });
  }

  private void retry(
      int thread,
      int index,
      WriteBatch batch,
      Semaphore room,
      StorageException.Overloaded overloaded) {
    LockSupport.parkNanos(overloaded.retryAfter().toNanos());
    submit(thread, index, batch, room);
  }

  private void read(Random random) {
    while (true) {
      int number = random.nextInt(CrashPlan.QUEUES.size());
      QueueId queue = CrashPlan.QUEUES.get(number);
      QueueBounds bounds = storage.log().bounds(queue);
      if (bounds.size() > 0) {
        try (MessageBatch batch = storage.log().read(queue, bounds.max() - 1, ONE)) {
          for (Message message : batch.messages()) {
            String marker = CrashPlan.markerOf(message);
            out.println(CrashReport.view(number, message.queueOffset(), marker));
          }
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private void maintain(Random random) {
    while (true) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(150)));
      storage.maintenance().checkpoint();
      if (random.nextBoolean()) {
        storage.maintenance().retain();
      }
    }
  }

  private void end(Throwable problem) {
    out.println(CrashReport.complaint(problem));
    Runtime.getRuntime().halt(3);
  }

  private static void start(String name, Runnable work) {
    Thread.ofPlatform()
        .name(name)
        .uncaughtExceptionHandler((thread, problem) -> {
          problem.printStackTrace();
          Runtime.getRuntime().halt(4);
        })
        .start(work);
  }

  private static void endWithParent() {
    Thread.ofPlatform()
        .daemon()
        .name("parent-watch")
        .start(() -> {
          try {
            while (System.in.read() >= 0) {
              // The parent writes nothing; its end closes the pipe.
            }
          } catch (IOException e) {
            System.err.println("the pipe from the parent broke: " + e);
          }
          Runtime.getRuntime().halt(5);
        });
  }
}
