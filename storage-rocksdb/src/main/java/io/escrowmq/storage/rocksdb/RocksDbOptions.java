package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.StorageSettings;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What can be tuned, with the defaults.
 *
 * @param memoryBytes block cache and memory tables together: what the library may keep in memory
 * @param writeBufferBytes the part of it that memory tables may take before they are flushed
 * @param bucketBytes message bytes after which a new bucket is begun
 * @param bucketMs age at which a new bucket is begun
 * @param groupBytes most bytes of one group, except for a single batch that is larger
 * @param releaseBytes most message bytes that the releases of one batch may make visible; a group
 *     is built in the heap
 * @param retentionIntervalMs time between two runs of the background retention; 0 for none
 * @param disk limits on the fullness of the file system
 */
record RocksDbOptions(
    long memoryBytes,
    long writeBufferBytes,
    long bucketBytes,
    long bucketMs,
    int groupBytes,
    long releaseBytes,
    long retentionIntervalMs,
    DiskPressure.Limits disk) {

  private static final long MIB = 1024 * 1024;
  private static final long HOUR_MS = 3_600_000;
  private static final int BUCKETS_BY_AGE = 24;
  private static final int BUCKETS_BY_SIZE = 16;
  private static final int HEAP_SHARE = 16;
  private static final String MEMORY = "memory-bytes";
  private static final String WRITE_BUFFER = "write-buffer-bytes";
  private static final String BUCKET = "bucket-bytes";
  private static final String BUCKET_AGE = "bucket-ms";
  private static final String GROUP = "group-bytes";
  private static final String RELEASE = "release-bytes";
  private static final String RETENTION_INTERVAL = "retention-interval-ms";
  private static final String DISK_EXPIRE = "disk-expire-percent";
  private static final String DISK_READ_ONLY = "disk-read-only-percent";
  private static final String DISK_RESERVE = "disk-reserve-bytes";
  private static final Set<String> KNOWN =
      Set.of(
          MEMORY,
          WRITE_BUFFER,
          BUCKET,
          BUCKET_AGE,
          GROUP,
          RELEASE,
          RETENTION_INTERVAL,
          DISK_EXPIRE,
          DISK_READ_ONLY,
          DISK_RESERVE);

  /**
   * Reads the options of a store.
   *
   * @throws IllegalArgumentException if a key is unknown or a value impossible
   */
  static RocksDbOptions of(StorageSettings settings) {
    Map<String, String> options = settings.options();
    Set<String> unknown = new TreeSet<>(options.keySet());
    unknown.removeAll(KNOWN);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "unknown rocksdb options " + unknown + "; known are " + new TreeSet<>(KNOWN));
    }
    long memoryBytes = number(options, MEMORY, 256 * MIB, 8 * MIB, Long.MAX_VALUE);
    RetentionPolicy retention = settings.retention();
    return new RocksDbOptions(
        memoryBytes,
        number(options, WRITE_BUFFER, memoryBytes / 2, MIB, memoryBytes),
        number(options, BUCKET, defaultBucketBytes(retention), 64 * 1024, Long.MAX_VALUE),
        number(options, BUCKET_AGE, defaultBucketMs(retention), 1, Long.MAX_VALUE),
        (int) number(options, GROUP, MIB, 4096, 64 * MIB),
        number(options, RELEASE, defaultReleaseBytes(), MIB, 1024 * MIB),
        number(options, RETENTION_INTERVAL, 60_000, 0, Long.MAX_VALUE),
        new DiskPressure.Limits(
            (int) number(options, DISK_EXPIRE, 85, 1, 101),
            (int) number(options, DISK_READ_ONLY, 95, 1, 101),
            number(options, DISK_RESERVE, 256 * MIB, 0, Long.MAX_VALUE)));
  }

  /** Coarse enough for few column families, fine enough to keep near what was asked for. */
  private static long defaultBucketMs(RetentionPolicy retention) {
    return Math.clamp(
        retention.maxAge().toMillis() / BUCKETS_BY_AGE, HOUR_MS / 6, BUCKETS_BY_AGE * HOUR_MS);
  }

  private static long defaultBucketBytes(RetentionPolicy retention) {
    return Math.clamp(retention.maxBytes() / BUCKETS_BY_SIZE, 64 * MIB, 16 * 1024 * MIB);
  }

  private static long defaultReleaseBytes() {
    return Math.clamp(Runtime.getRuntime().maxMemory() / HEAP_SHARE, 32 * MIB, 512 * MIB);
  }

  private static long number(
      Map<String, String> options, String key, long ifAbsent, long least, long most) {
    String text = options.get(key);
    if (text == null) {
      return ifAbsent;
    }
    try {
      long value = Long.parseLong(text.trim());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + " must be a whole number, got " + text, e);
    }
    throw new IllegalArgumentException(
        key + " must be between " + least + " and " + most + ", got " + text);
  }
}
