package io.escrowmq.benchmarks;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Opens stores of any engine and puts load on them. */
final class Stores {

  /** Long enough that pacing does not take a core from what is measured. */
  private static final long PACE_NANOS = 500_000;

  private Stores() {}

  static Storage open(
      String engine, Path store, Durability durability, Map<String, String> options) {
    StorageProvider provider =
        ServiceLoader.load(StorageProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(candidate -> candidate.id().equals(engine))
            .findFirst()
            .orElseThrow();
    StorageSettings settings =
        new StorageSettings(
            store,
            durability,
            StorageSettings.DEFAULT_DECISION_RETENTION,
            RetentionPolicy.DEFAULT,
            options);
    return provider.open(settings, StorageContext.system());
  }

  /** Deletes the directory and returns it. */
  static Path fresh(Path store) throws IOException {
    if (Files.exists(store)) {
      try (Stream<Path> files = Files.walk(store)) {
        for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    return store;
  }

  /**
   * Appends the messages in turn, each a batch of its own, with {@code window} of them in flight.
   *
   * @param rate most appends a second; 0 for as fast as it goes
   */
  static Measurement append(
      Storage storage, Message[] messages, int window, double rate, Duration length)
      throws InterruptedException {
    Semaphore inFlight = new Semaphore(window);
    Histogram latency = new ConcurrentHistogram(3);
    AtomicLong completed = new AtomicLong();
    AtomicLong failed = new AtomicLong();
    long start = System.nanoTime();
    long sent = 0;
    while (System.nanoTime() - start < length.toNanos()) {
      if (rate > 0) {
        long due = start + (long) (sent * 1e9 / rate);
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(PACE_NANOS);
        }
      }
      inFlight.acquire();
      Message message = messages[(int) (sent++ % messages.length)];
      long begin = System.nanoTime();
      storage
          .write(WriteBatch.of(new Mutation.Append(message.queueId(), message)))
          .whenComplete((receipt, failure) -> {
            count(failure, completed, failed);
            latency.recordValue(System.nanoTime() - begin);
            inFlight.release();
          });
    }
    inFlight.acquire(window);
    long nanos = System.nanoTime() - start;
    if (failed.get() > 0) {
      throw new IllegalStateException(failed.get() + " appends failed");
    }
    long bytes = completed.get() * messages[0].size();
    return new Measurement(completed.get(), bytes, nanos, latency);
  }

  private static void count(@Nullable Throwable failure, AtomicLong completed, AtomicLong failed) {
    if (failure == null) {
      completed.incrementAndGet();
    } else if (!(failure instanceof StorageException.Overloaded)) {
      failed.incrementAndGet();
    }
  }

  /** Reads a queue from an offset to its end, or for as long as given; latencies are per page. */
  static Measurement read(
      Storage storage, QueueId queue, long fromOffset, ReadLimits page, Duration length) {
    long max = storage.log().bounds(queue).max();
    long start = System.nanoTime();
    long bytes = 0;
    long offset = fromOffset;
    Histogram latency = new Histogram(3);
    while (offset < max && System.nanoTime() - start < length.toNanos()) {
      long begin = System.nanoTime();
      try (MessageBatch batch = storage.log().read(queue, offset, page)) {
        for (Message message : batch.messages()) {
          bytes += message.size();
        }
        offset += batch.messages().size();
      }
      latency.recordValue(System.nanoTime() - begin);
    }
    return new Measurement(offset - fromOffset, bytes, System.nanoTime() - start, latency);
  }
}
