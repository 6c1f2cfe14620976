package io.escrowmq.storage.commitlog;

import io.escrowmq.storage.commitlog.log.DiskPressure;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The engine's own settings.
 *
 * @param ringBytes memory through which writes travel; a power of two, 1 MiB to 1 GiB
 * @param segmentBytes size of a full-grown segment file
 * @param firstSegmentBytes size of a new store's first segment; each next one doubles it
 * @param groupBytes most bytes written before one sync
 * @param checkpointLogBytes log written between two checkpoints: bounds the work of a restart
 * @param checkpointIntervalMs longest time between two checkpoints while something changes
 * @param retentionIntervalMs time between two runs of the background retention; 0 for none
 * @param disk limits on the fullness of the file system, in percent
 */
record CommitLogOptions(
    int ringBytes,
    long segmentBytes,
    long firstSegmentBytes,
    int groupBytes,
    long checkpointLogBytes,
    long checkpointIntervalMs,
    long retentionIntervalMs,
    DiskPressure.Limits disk) {

  private static final long MIB = 1024 * 1024;
  private static final String RING = "ring-bytes";
  private static final String SEGMENT = "segment-bytes";
  private static final String FIRST_SEGMENT = "first-segment-bytes";
  private static final String GROUP = "group-bytes";
  private static final String CHECKPOINT_LOG = "checkpoint-log-bytes";
  private static final String CHECKPOINT_INTERVAL = "checkpoint-interval-ms";
  private static final String RETENTION_INTERVAL = "retention-interval-ms";
  private static final String DISK_EXPIRE = "disk-expire-percent";
  private static final String DISK_REFUSE = "disk-refuse-segment-percent";
  private static final String DISK_READ_ONLY = "disk-read-only-percent";
  private static final Set<String> KNOWN =
      Set.of(
          RING,
          SEGMENT,
          FIRST_SEGMENT,
          GROUP,
          CHECKPOINT_LOG,
          CHECKPOINT_INTERVAL,
          RETENTION_INTERVAL,
          DISK_EXPIRE,
          DISK_REFUSE,
          DISK_READ_ONLY);

  /**
   * Reads the options of a store.
   *
   * @throws IllegalArgumentException if a key is unknown or a value impossible
   */
  static CommitLogOptions of(Map<String, String> options) {
    Set<String> unknown = new TreeSet<>(options.keySet());
    unknown.removeAll(KNOWN);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "unknown commitlog options " + unknown + "; known are " + new TreeSet<>(KNOWN));
    }
    long segmentBytes = number(options, SEGMENT, 256 * MIB, 64 * 1024, 4096 * MIB);
    long firstDefault = Math.min(segmentBytes, 16 * MIB);
    return new CommitLogOptions(
        powerOfTwo(number(options, RING, 64 * MIB, MIB, 1024 * MIB)),
        pages(segmentBytes),
        pages(number(options, FIRST_SEGMENT, firstDefault, 64 * 1024, segmentBytes)),
        (int) number(options, GROUP, MIB, 4096, 64 * MIB),
        number(options, CHECKPOINT_LOG, 256 * MIB, 64 * 1024, Long.MAX_VALUE),
        number(options, CHECKPOINT_INTERVAL, 60_000, 1, Long.MAX_VALUE),
        number(options, RETENTION_INTERVAL, 60_000, 0, Long.MAX_VALUE),
        new DiskPressure.Limits(
            (int) number(options, DISK_EXPIRE, 85, 1, 101),
            (int) number(options, DISK_REFUSE, 90, 1, 101),
            (int) number(options, DISK_READ_ONLY, 95, 1, 101)));
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

  private static int powerOfTwo(long bytes) {
    if (Long.bitCount(bytes) != 1) {
      throw new IllegalArgumentException(RING + " must be a power of two, got " + bytes);
    }
    return (int) bytes;
  }

  private static long pages(long bytes) {
    return (bytes + 4095) & -4096;
  }
}
