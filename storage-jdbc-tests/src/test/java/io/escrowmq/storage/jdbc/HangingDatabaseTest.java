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
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
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
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL is stopped with SIGSTOP, in whole and in part, while messages are written. */
class HangingDatabaseTest {

  private static final int THREADS = 4;
  private static final long DEADLINE_MS = 1_000;

  /** The official client's patience with a send. */
  private static final long LONGEST_ANSWER_MS = 3_000;

  private static final TimeSource TIME = TimeSource.system();

  @TempDir Path directory;

  private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final Set<String> unknown = ConcurrentHashMap.newKeySet();
  private final AtomicLong longestMs = new AtomicLong();
  private volatile boolean done;

  @Test
  void writesAreAnsweredInTimeAndNothingAcknowledgedIsLost() throws Exception {
    Path data = directory.resolve("postgres");
    try (EmbeddedPostgres server =
            EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
        // The driver gives a silent connection up after 3 s: less than the longest stop.
        Storage storage =
            open(
                "jdbc:postgresql://localhost:"
                    + server.getPort()
                    + "/postgres?user=postgres&socketTimeout=3")) {
      List<Thread> writers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        writers.add(Thread.ofVirtual().start(() -> write(storage, thread)));
      }
      ProcessHandle postmaster = postmaster(data);
      stop(storage, everything(postmaster), Duration.ofMillis(1_500));
      stop(storage, List.of(writerOf(server)), Duration.ofMillis(1_500));
      stop(storage, everything(postmaster), Duration.ofMillis(4_500));
      done = true;
      for (Thread writer : writers) {
        writer.join();
      }
      check(storage);
    } finally {
      done = true;
    }
  }

  /** Stops processes until well after the deadline, then lets them go on. */
  private void stop(Storage storage, List<ProcessHandle> processes, Duration length)
      throws Exception {
    awaitProgress();
    int unknownBefore = unknown.size();
    signal("-STOP", processes);
    try {
      awaitState(storage, StorageHealth.State.DOWN);
      StorageHealth health = storage.maintenance().health();
      assertThat(health.reason()).contains("has not answered for");
      assertThat(health.remedy()).isNotBlank();
      long begin = TIME.nanos();
      QueueId queue = new QueueId("hang", 0);
      assertThat(
              storage
                  .write(
                      WriteBatch.of(
                          new Mutation.Append(queue, SampleMessages.message(queue, "late"))))
                  .toCompletableFuture())
          .failsWithin(Duration.ofMillis(500))
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(StorageException.Overloaded.class)
          .withMessageContaining("has not answered for");
      LockSupport.parkNanos(length.toNanos() - (TIME.nanos() - begin));
      assertThat(unknown.size()).as("unknown outcomes").isGreaterThan(unknownBefore);
    } finally {
      signal("-CONT", processes);
    }
    awaitState(storage, StorageHealth.State.UP);
    awaitProgress();
  }

  private void write(Storage storage, int thread) {
    QueueId queue = new QueueId("hang", thread % 2);
    for (int i = 0; !done; i++) {
      String text = thread + ":" + i;
      long begin = TIME.nanos();
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
        switch (e.getCause()) {
          case StorageException.Overloaded _ -> refused.add(text);
          case StorageException.Unavailable _ -> unknown.add(text);
          default -> throw new AssertionError("an unexpected answer to a write", e);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
      longestMs.accumulateAndGet((TIME.nanos() - begin) / 1_000_000, Math::max);
    }
  }

  private void check(Storage storage) {
    Map<String, Long> seen = new HashMap<>();
    for (int number = 0; number < 2; number++) {
      QueueId queue = new QueueId("hang", number);
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
    assertThat(longestMs.get()).as("longest answer, ms").isLessThan(LONGEST_ANSWER_MS);
    System.out.printf(
        "HangingDatabaseTest: %d acknowledged, %d refused, %d unknown of which %d happened, longest"
            + " answer %d ms%n",
        acknowledged.size(),
        refused.size(),
        unknown.size(),
        unknown.stream().filter(seen::containsKey).count(),
        longestMs.get());
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
        .pollInterval(Duration.ofMillis(10))
        .until(() -> storage.maintenance().health().state() == state);
  }

  private static ProcessHandle postmaster(Path data) throws IOException {
    long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
    return ProcessHandle.of(pid).orElseThrow();
  }

  private static List<ProcessHandle> everything(ProcessHandle postmaster) {
    return Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
  }

  private static ProcessHandle writerOf(EmbeddedPostgres server) throws Exception {
    try (var connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select pid from pg_stat_activity where application_name = 'escrowmq-writer'")) {
      row.next();
      return ProcessHandle.of(row.getLong(1)).orElseThrow();
    }
  }

  private static void signal(String signal, List<ProcessHandle> processes) throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", signal));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    Process kill = new ProcessBuilder(command).inheritIO().start();
    assertThat(kill.waitFor()).as("%s", command).isZero();
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
                Map.of("url", url, "write-deadline-ms", Long.toString(DEADLINE_MS))),
            StorageContext.system());
  }
}
