package io.escrowmq.storage.commitlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth.State;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.FaultyDisk;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.StorageFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file system that fills up does to a store, step by step, and back. */
class DiskPressureTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);
  private static final long TOTAL = 1_000L << 20;
  private static final int MESSAGE_BYTES = 32 * 1024;

  @TempDir Path directory;

  private final FaultyDisk disk = new FaultyDisk(7);
  private StorageFixture fixture = new StorageFixture(new CommitLogEngine(), Path.of("."));

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void readOnlyFromNinetyFivePercentAndBack() {
    openWithDefaultLimits(50);
    append();
    use(96);
    awaitState(State.FULL);
    assertThatThrownBy(this::append)
        .isInstanceOf(StorageException.Full.class)
        .hasMessageContaining("95 %");
    assertThat(fixture.storage().log().bounds(QUEUE).max()).isEqualTo(1);
    putRow();
    awaitState(State.FULL);
    assertThatThrownBy(this::append).isInstanceOf(StorageException.Full.class);
    use(50);
    awaitState(State.UP);
    append();
  }

  @Test
  void aboveNinetyPercentTheLogDoesNotGrow() {
    openWithDefaultLimits(50);
    append();
    use(92);
    awaitState(State.DEGRADED);
    append();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 200; i++) {
                append();
              }
            })
        .isInstanceOf(StorageException.Full.class)
        .hasMessageContaining("90 %");
    awaitState(State.FULL);
    putRow();
    awaitState(State.FULL);
    assertThatThrownBy(this::append).isInstanceOf(StorageException.Full.class);
    use(50);
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(this::accepts);
    awaitState(State.UP);
  }

  @Test
  void aboveEightyFivePercentTheOldestSegmentsGo() {
    openWithDefaultLimits(50);
    for (int i = 0; i < 64; i++) {
      append();
    }
    fixture.storage().maintenance().retain();
    assertThat(fixture.storage().log().bounds(QUEUE).min()).isZero();
    use(86);
    awaitState(State.DEGRADED);
    fixture.storage().maintenance().retain();
    assertThat(fixture.storage().log().bounds(QUEUE).min()).isPositive();
    assertThat(fixture.storage().log().bounds(QUEUE).max()).isEqualTo(64);
  }

  private void openWithDefaultLimits(int usedPercent) {
    use(usedPercent);
    fixture =
        new StorageFixture(new CommitLogEngine(), directory.resolve("store"))
            .disk(disk)
            .settings(DiskPressureTest::defaultLimits);
    fixture.open();
  }

  private static StorageSettings defaultLimits(StorageSettings settings) {
    Map<String, String> options = new HashMap<>(settings.options());
    options.keySet().removeIf(key -> key.startsWith("disk-"));
    return new StorageSettings(
        settings.directory(),
        settings.durability(),
        settings.decisionRetention(),
        settings.retention(),
        options);
  }

  private void use(int percent) {
    disk.report(TOTAL * (100 - percent) / 100, TOTAL);
  }

  private void awaitState(State state) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> fixture.storage().maintenance().health().state() == state);
  }

  private boolean accepts() {
    try {
      append();
      return true;
    } catch (StorageException.Full stillFull) {
      return false;
    }
  }

  /** A consumer's progress, for example. */
  private void putRow() {
    write(WriteBatch.of(new Mutation.Put("progress", Bytes.utf8("group"), Bytes.utf8("7"))));
  }

  private void append() {
    write(WriteBatch.of(new Mutation.Append(QUEUE, SampleMessages.sized(QUEUE, MESSAGE_BYTES))));
  }

  private void write(WriteBatch batch) {
    try {
      fixture.storage().write(batch).toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof StorageException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
