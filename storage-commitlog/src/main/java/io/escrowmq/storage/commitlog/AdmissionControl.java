package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.storage.commitlog.log.DiskPressure;
import io.escrowmq.storage.commitlog.log.LogWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether writes are accepted now, and if not, why. Thread-safe. */
final class AdmissionControl {

  private final DiskPressure pressure;
  private final LogWriter writer;
  private volatile boolean waitingForRoom;
  private volatile @Nullable StorageException noRoom;
  private volatile boolean closed;

  AdmissionControl(DiskPressure pressure, LogWriter writer) {
    this.pressure = pressure;
    this.writer = writer;
  }

  /**
   * Returns if a write may be tried.
   *
   * @throws StorageException if not
   */
  void check() {
    checkOpen();
    Optional<StorageException> reason =
        writer.failure().or(() -> Optional.ofNullable(noRoom)).or(pressure::refusal);
    if (reason.isPresent()) {
      throw reason.get();
    }
  }

  /** Like {@link #check()}, but for writes that go on when the disk is full. */
  void checkWritable() {
    checkOpen();
    Optional<StorageException> failure = writer.failure();
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  /** Returns unless the store was closed. */
  void checkOpen() {
    if (closed) {
      throw new StorageException.Closed();
    }
  }

  void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }

  /** The log cannot grow now. */
  void waitForRoom(Optional<StorageException> reason) {
    waitingForRoom = true;
    noRoom = reason.orElse(null);
  }

  /** The log can grow again. */
  void roomAgain() {
    waitingForRoom = false;
    noRoom = null;
  }

  /** True while the log cannot grow, or could not when that was last tried. */
  boolean isImpeded() {
    return waitingForRoom || noRoom != null;
  }

  /** Something changed: it is worth trying again. */
  void retry() {
    waitingForRoom = false;
  }

  /** True while the next batch cannot be taken. */
  boolean isWaitingForRoom() {
    return waitingForRoom;
  }

  /** As the SPI shows it. */
  StorageHealth health() {
    if (closed) {
      return new StorageHealth(
          StorageHealth.State.DOWN, "the store is closed", "Open it again, or start the server.");
    }
    Optional<StorageException> failure = writer.failure();
    if (failure.isPresent()) {
      return health(StorageHealth.State.READ_ONLY, failure.get());
    }
    Optional<StorageException> full = Optional.ofNullable(noRoom).or(pressure::refusal);
    if (full.isPresent()) {
      return health(StorageHealth.State.FULL, full.get());
    }
    if (pressure.level() == DiskPressure.Level.NORMAL) {
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
