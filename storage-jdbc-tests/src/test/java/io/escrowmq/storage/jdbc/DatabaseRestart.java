package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database stops, and is killed, while messages are written. Extended for each database. */
abstract class DatabaseRestart {

  private static final int THREADS = 4;
  private static final long LONGEST_ANSWER_MS = 3_000;

  @TempDir Path directory;

  private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final Set<String> unknown = ConcurrentHashMap.newKeySet();
  private final AtomicLong longestWhileDownMs = new AtomicLong();
  private volatile boolean down;
  private volatile boolean done;

  /** A database server of the test's own. */
  interface Database extends AutoCloseable {
    /** JDBC URL of an empty schema; the same after each start. */
    String url();

    /** SIGTERM, or what the vendor's own tool does; returns when it is gone. */
    void stop() throws Exception;

    /** SIGKILL; returns when it is gone. */
    void kill() throws Exception;

    /** Starts again on the same data and port. */
    void restart() throws Exception;

    @Override
    void close() throws Exception;
  }

  /** Starts a server. */
  abstract Database start(Path folder) throws Exception;

  @Test
  void nothingAcknowledgedIsLostAndServiceResumes() throws Exception {
    try (Database server = start(directory.resolve("database"));
        Storage storage = open(server.url())) {
      List<Thread> writers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        writers.add(Thread.ofVirtual().start(() -> write(storage, thread)));
      }
      for (boolean kill : new boolean[] {false, true, true}) {
        awaitProgress();
        if (kill) {
          server.kill();
        } else {
          server.stop();
        }
        awaitState(storage, StorageHealth.State.DOWN);
        down = true;
        assertThat(storage.maintenance().health().remedy()).isNotBlank();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
        down = false;
        server.restart();
        awaitState(storage, StorageHealth.State.UP);
        awaitProgress();
      }
      done = true;
      for (Thread writer : writers) {
        writer.join();
      }
      check(storage);
    } finally {
      done = true;
    }
  }

  private void write(Storage storage, int thread) {
    QueueId queue = new QueueId("restart", thread % 2);
    for (int i = 0; !done; i++) {
      String text = thread + ":" + i;
      boolean wasDown = down;
      long begin = StorageContext.system().time().nanos();
      try {
        Mutation append = new Mutation.Append(queue, SampleMessages.message(queue, text));
        long offset =
            storage
                .write(WriteBatch.of(append))
                .toCompletableFuture()
                .join()
                .outcome(0)
                .queueOffset();
        acknowledged.put(text, offset);
      } catch (CompletionException e) {
        note(text, e.getCause());
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
      long tookMs = (StorageContext.system().time().nanos() - begin) / 1_000_000;
      if (wasDown && down) {
        longestWhileDownMs.accumulateAndGet(tookMs, Math::max);
      }
    }
  }

  private void note(String text, Throwable failure) {
    if (failure instanceof StorageException.Overloaded) {
      refused.add(text);
    } else if (failure instanceof StorageException.Unavailable) {
      unknown.add(text);
    } else {
      throw new AssertionError("an unexpected answer to a write", failure);
    }
  }

  private void check(Storage storage) {
    Map<String, Long> seen = new HashMap<>();
    for (int number = 0; number < 2; number++) {
      QueueId queue = new QueueId("restart", number);
      long next = 0;
      while (next < storage.log().bounds(queue).max()) {
        try (MessageBatch batch = storage.log().read(queue, next, new ReadLimits(500, 1 << 20))) {
          for (Message message : batch.messages()) {
            assertThat(message.queueOffset()).isEqualTo(next++);
            String text = SampleMessages.textOf(message);
            assertThat(seen.put(text, message.queueOffset())).as("%s twice", text).isNull();
          }
        }
      }
    }
    assertThat(seen).containsAllEntriesOf(acknowledged);
    assertThat(refused).as("refused, yet visible").noneMatch(seen::containsKey);
    assertThat(unknown).as("outcomes that nobody knows").isEmpty();
    assertThat(longestWhileDownMs.get()).as("answer while down").isLessThan(LONGEST_ANSWER_MS);
    System.out.println(
        getClass().getSimpleName()
            + ": "
            + acknowledged.size()
            + " acknowledged, "
            + refused.size()
            + " refused, longest answer while down "
            + longestWhileDownMs.get()
            + " ms");
  }

  private void awaitProgress() {
    int before = acknowledged.size();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> acknowledged.size() > before + 20);
  }

  private static void awaitState(Storage storage, StorageHealth.State state) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> storage.maintenance().health().state() == state);
  }

  private Storage open(String url) {
    Path store = directory.resolve("store");
    StorageSettings defaults = StorageSettings.defaults(store);
    return new JdbcStorageProvider()
        .open(
            new StorageSettings(
                store,
                defaults.durability(),
                defaults.decisionRetention(),
                defaults.retention(),
                // Long enough for every outcome to be found out.
                Map.of("url", url, "write-deadline-ms", "60000")),
            StorageContext.system());
  }
}
