package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether writes are accepted now, and if not, why. Thread-safe. */
final class AdmissionControl {

  private final DiskPressure pressure;
  private volatile @Nullable StorageException failure;
  private volatile boolean closed;

  AdmissionControl(DiskPressure pressure) {
    this.pressure = pressure;
  }

  /**
   * Returns if a write may be tried. A full disk refuses messages only: decisions and consumers'
   * progress are small.
   *
   * @throws StorageException if not
   */
  void check(WriteBatch batch) {
    checkOpen();
    Optional<StorageException> reason =
        failure().or(batch.carriesMessages() ? pressure::refusal : pressure::exhaustion);
    if (reason.isPresent()) {
      throw reason.get();
    }
  }

  /** Returns unless the store was closed. */
  void checkOpen() {
    if (closed) {
      throw new StorageException.Closed();
    }
  }

  /** Why nothing is written any more, if so. */
  Optional<StorageException> failure() {
    return Optional.ofNullable(failure);
  }

  /** A write failed: nothing is written any more until the store is opened again. */
  void fail(StorageException reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  void close() {
    closed = true;
  }

  /** As the SPI shows it. */
  StorageHealth health() {
    if (closed) {
      return new StorageHealth(
          StorageHealth.State.DOWN, "the store is closed", "Open it again, or start the server.");
    }
    Optional<StorageException> failed = failure();
    if (failed.isPresent()) {
      return health(StorageHealth.State.READ_ONLY, failed.get());
    }
    Optional<StorageException> full = pressure.refusal();
    if (full.isPresent()) {
      return health(StorageHealth.State.FULL, full.get());
    }
    if (!pressure.isHigh()) {
      return StorageHealth.UP;
    }
    return new StorageHealth(
        StorageHealth.State.DEGRADED,
        "the file system is " + pressure.usedPercent() + " % full",
        "Free disk space or shorten the retention; old messages expire early until then.");
  }

  private static StorageHealth health(StorageHealth.State state, StorageException reason) {
    return new StorageHealth(state, String.valueOf(reason.getMessage()), reason.remedy());
  }
}
