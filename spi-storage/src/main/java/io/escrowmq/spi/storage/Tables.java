package io.escrowmq.spi.storage;

import java.util.List;
import java.util.Optional;

/**
 * Ordered byte-string tables for small state. Table names have 1 to 64 characters of {@code
 * [a-z0-9-]} and need no declaration. Keys have 1 to 1024 bytes, values up to 1 MiB. Thread-safe.
 * Reads may block for I/O.
 */
public interface Tables {

  /** Longest key in bytes. */
  int MAX_KEY_BYTES = 1024;

  /** Longest value in bytes. */
  int MAX_VALUE_BYTES = 1024 * 1024;

  /** The row with this key. */
  Optional<TableRow> get(String table, Bytes key);

  /**
   * Rows whose key begins with the prefix, in key order, beginning after the given key.
   *
   * @param prefix {@link Bytes#EMPTY} for all rows
   */
  List<TableRow> scan(String table, Bytes prefix, Optional<Bytes> after, int limit);

  /** Names of the tables that have rows, in order. */
  List<String> names();
}
