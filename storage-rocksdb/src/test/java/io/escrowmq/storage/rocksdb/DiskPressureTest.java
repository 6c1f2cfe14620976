package io.escrowmq.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth.State;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.FaultyDisk;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.StorageContract;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a file system that fills up does to a store, step by step, and back. */
class DiskPressureTest extends StorageContract {

  private static final long TOTAL = 100L << 30;
  private static final int MESSAGE_BYTES = 32 * 1024;

  private final FaultyDisk disk = new FaultyDisk(7);

  @Override
  protected EngineUnderTest engine() {
    return new RocksDbEngine();
  }

  @Test
  void writesAreRefusedWhileTheDiskIsFullAndResumeByThemselves() {
    openWithDefaultLimits();
    append(ORDERS, "a");
    use(96);
    awaitState(State.FULL);
    assertThatThrownBy(() -> append(ORDERS, "refused"))
        .isInstanceOf(StorageException.Full.class)
        .hasMessageContaining("96 % full, the limit is 95 %");
    assertThat(texts(ORDERS)).containsExactly("a");
    apply(PROGRESS);
    awaitState(State.FULL);
    use(50);
    awaitState(State.UP);
    assertThat(append(ORDERS, "b").queueOffset()).isEqualTo(1);
  }

  @Test
  void someRoomIsKeptFree() {
    openWithDefaultLimits();
    disk.report(100 << 20, 1L << 30);
    awaitState(State.FULL);
    assertThatThrownBy(() -> append(ORDERS, "refused"))
        .isInstanceOf(StorageException.Full.class)
        .hasMessageContaining("kept free");
    apply(PROGRESS);
    disk.report(40 << 20, 1L << 30);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThatThrownBy(() -> apply(PROGRESS)).isInstanceOf(StorageException.Full.class));
    disk.report(300 << 20, 1L << 30);
    awaitState(State.UP);
  }

  @Test
  void underPressureTheOldestBucketGoes() {
    openWithDefaultLimits();
    for (int i = 0; i < 64; i++) {
      apply(new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, MESSAGE_BYTES)));
    }
    storage().maintenance().retain();
    assertThat(bounds(ORDERS).min()).isZero();
    use(86);
    awaitState(State.DEGRADED);
    storage().maintenance().retain();
    assertThat(bounds(ORDERS).min()).isBetween(1L, 20L);
    assertThat(bounds(ORDERS).max()).isEqualTo(64);
  }

  private void openWithDefaultLimits() {
    use(50);
    fixture().disk(disk).settings(DiskPressureTest::defaultLimits).open();
  }

  /** Small: goes on when messages are refused. */
  private static final Mutation PROGRESS =
      new Mutation.Put("progress", Bytes.utf8("group"), Bytes.utf8("7"));

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
        .atMost(Duration.ofSeconds(60))
        .until(() -> storage().maintenance().health().state() == state);
  }
}
