package io.escrowmq.spi.storage;

import java.util.Map;

/** Care of a store. Thread-safe; everything may block for I/O. */
public interface Maintenance {

  /** Forgets what the store's retention policy allows to forget now; live holds survive. */
  void retain();

  /** Bounds the work of the next start by persisting what is only in memory. */
  void checkpoint();

  /**
   * Reads everything back and compares checksums.
   *
   * @throws StorageException.Corrupt naming the first damaged range
   */
  Verification verify();

  /** Gauges and counters by name (kebab-case, unit last), for metrics. Cheap. */
  Map<String, Long> statistics();

  /** Whether the store accepts writes, and if not, why and what to do. Cheap. */
  StorageHealth health();

  /**
   * What a verification read.
   *
   * @param records records whose checksums were right
   * @param bytes bytes they occupy
   */
  record Verification(long records, long bytes) {}
}
