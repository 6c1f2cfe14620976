package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** How full the file system is, and what that forbids. Thread-safe. */
final class DiskPressure {

  private static final int RESERVE_SHARE = 10;

  /**
   * From when on something happens.
   *
   * @param expirePercent part of the file system in use from which old messages expire early
   * @param readOnlyPercent part in use from which writes are refused
   * @param reserveBytes writes are refused while less is free (or less than a tenth of a small file
   *     system): flushes and compactions need room
   */
  record Limits(int expirePercent, int readOnlyPercent, long reserveBytes) {}

  private record Sample(long usableBytes, long totalBytes) {
    int usedPercent() {
      return totalBytes <= 0 ? 0 : (int) (100 - 100.0 * usableBytes / totalBytes);
    }
  }

  private final Disk disk;
  private final Path directory;
  private final Limits limits;
  private volatile Sample sample = new Sample(0, 0);

  DiskPressure(Disk disk, Path directory, Limits limits) {
    this.disk = disk;
    this.directory = directory;
    this.limits = limits;
  }

  /** Looks at the file system. */
  void look() throws IOException {
    sample = new Sample(disk.usableBytes(directory), disk.totalBytes(directory));
  }

  /** Percentage in use when last looked at. */
  int usedPercent() {
    return sample.usedPercent();
  }

  /** True if old messages should expire early. */
  boolean isHigh() {
    return usedPercent() >= limits.expirePercent() || refusal().isPresent();
  }

  /** Why writes are refused right now, if they are. */
  Optional<StorageException> refusal() {
    Sample last = sample;
    if (last.usedPercent() >= limits.readOnlyPercent()) {
      return full(
          "is " + last.usedPercent() + " % full, the limit is " + limits.readOnlyPercent() + " %");
    }
    boolean percentOff = limits.readOnlyPercent() > 100;
    long reserve = Math.min(limits.reserveBytes(), last.totalBytes() / RESERVE_SHARE);
    if (!percentOff && last.totalBytes() > 0 && last.usableBytes() < reserve) {
      return full("has " + last.usableBytes() + " bytes left, " + reserve + " are kept free");
    }
    return Optional.empty();
  }

  /**
   * Why not even small batches are taken: what is left is for flushes and compactions, because
   * running out of space in one of them is the end of the store until it is opened again.
   */
  Optional<StorageException> exhaustion() {
    Sample last = sample;
    long least = Math.min(limits.reserveBytes(), last.totalBytes() / RESERVE_SHARE) / 2;
    return limits.readOnlyPercent() <= 100 && last.usableBytes() < least
        ? refusal()
        : Optional.empty();
  }

  private Optional<StorageException> full(String what) {
    return Optional.of(new StorageException.Full("the file system of " + directory + " " + what));
  }
}
