package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** How full the file system is, and what that forbids. Thread-safe. */
public final class DiskPressure {

  /** Percentages of the file system in use from which something happens. */
  public record Limits(int expirePercent, int refuseSegmentPercent, int readOnlyPercent) {}

  /** What the last sample means. */
  public enum Level {
    NORMAL,
    /** Expire early. */
    HIGH,
    /** No new segments. */
    NO_SEGMENTS,
    /** No writes. */
    READ_ONLY
  }

  private final Disk disk;
  private final Path directory;
  private final Limits limits;
  private volatile int usedPercent;

  public DiskPressure(Disk disk, Path directory, Limits limits) {
    this.disk = disk;
    this.directory = directory;
    this.limits = limits;
  }

  /** Looks at the file system. */
  public void sample() throws IOException {
    long total = disk.totalBytes(directory);
    usedPercent = total <= 0 ? 0 : (int) (100 - 100.0 * disk.usableBytes(directory) / total);
  }

  /** Percentage in use at the last sample. */
  public int usedPercent() {
    return usedPercent;
  }

  /** What the last sample means. */
  public Level level() {
    int used = usedPercent;
    if (used >= limits.readOnlyPercent()) {
      return Level.READ_ONLY;
    }
    if (used >= limits.refuseSegmentPercent()) {
      return Level.NO_SEGMENTS;
    }
    return used >= limits.expirePercent() ? Level.HIGH : Level.NORMAL;
  }

  /** Why writes are refused right now, if they are. */
  public Optional<StorageException> refusal() {
    return level() == Level.READ_ONLY
        ? Optional.of(new StorageException.Full(describe(limits.readOnlyPercent())))
        : Optional.empty();
  }

  void checkNewSegment(long capacity) throws IOException {
    sample();
    if (level().compareTo(Level.NO_SEGMENTS) >= 0) {
      throw new StorageException.Full(describe(limits.refuseSegmentPercent()));
    }
    long usable = disk.usableBytes(directory);
    if (usable < capacity) {
      throw new StorageException.Full(
          directory + " has room for " + usable + " bytes, a segment needs " + capacity);
    }
  }

  StorageException explain(IOException failure, long capacity) {
    try {
      String reason = String.valueOf(failure.getMessage());
      if (reason.contains("No space left") || disk.usableBytes(directory) < capacity) {
        return new StorageException.Full("no room for a segment in " + directory, failure);
      }
    } catch (IOException alsoFailed) {
      failure.addSuppressed(alsoFailed);
    }
    return new StorageException.Unavailable(
        StorageException.Kind.RETRIABLE,
        "cannot create a segment in " + directory + ": " + failure.getMessage(),
        "Check the device and the directory's permissions; creating it is tried again.",
        failure);
  }

  private String describe(int limit) {
    return "the file system of "
        + directory
        + " is "
        + usedPercent
        + " % full, the limit is "
        + limit
        + " %";
  }
}
