package io.escrowmq.storage.jdbc;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The engine's own settings.
 *
 * @param url JDBC URL; on PostgreSQL {@code currentSchema} chooses the schema
 * @param username database user; empty if the URL carries it
 * @param password its password; empty if the URL carries it
 * @param schema whether this server may create and upgrade the tables
 * @param readerConnections most connections for reads; writes use one more
 * @param groupRows most mutations that share one commit, unless one batch has more
 * @param groupBytes most message bytes that share one commit, unless one batch has more
 * @param pendingBytes memory for batches that wait for the database
 * @param retentionIntervalMs time between two runs of the background retention; 0 for none
 * @param ownTimeoutMs how long to wait for another server to give the store up
 * @param inDoubtTimeoutMs how long to look for the outcome of a commit whose connection was lost
 * @param writeDeadlineMs how long a write may wait for the database until it is answered as unknown
 * @param tailCacheBytes memory for the newest messages; 0 to read everything from the database
 */
record JdbcOptions(
    String url,
    String username,
    String password,
    SchemaPolicy schema,
    int readerConnections,
    int groupRows,
    long groupBytes,
    long pendingBytes,
    long retentionIntervalMs,
    long ownTimeoutMs,
    long inDoubtTimeoutMs,
    long writeDeadlineMs,
    long tailCacheBytes) {

  private static final long MIB = 1024 * 1024;
  private static final String URL = "url";
  private static final String USERNAME = "username";
  private static final String PASSWORD = "password";
  private static final String SCHEMA = "schema";
  private static final String READERS = "reader-connections";
  private static final String GROUP_ROWS = "group-rows";
  private static final String GROUP_BYTES = "group-bytes";
  private static final String PENDING_BYTES = "pending-bytes";
  private static final String RETENTION_INTERVAL = "retention-interval-ms";
  private static final String OWN_TIMEOUT = "own-timeout-ms";
  private static final String IN_DOUBT_TIMEOUT = "in-doubt-timeout-ms";
  private static final String WRITE_DEADLINE = "write-deadline-ms";
  private static final String TAIL_CACHE = "tail-cache-bytes";
  private static final Set<String> KNOWN =
      Set.of(
          URL,
          USERNAME,
          PASSWORD,
          SCHEMA,
          READERS,
          GROUP_ROWS,
          GROUP_BYTES,
          PENDING_BYTES,
          RETENTION_INTERVAL,
          OWN_TIMEOUT,
          IN_DOUBT_TIMEOUT,
          WRITE_DEADLINE,
          TAIL_CACHE);

  /** Who creates and upgrades the tables. */
  enum SchemaPolicy {
    /** The server, when it starts. */
    MIGRATE,
    /** The database's administrator; the server only checks. */
    VALIDATE
  }

  /**
   * Reads the options of a store.
   *
   * @throws IllegalArgumentException if a key is unknown, a value impossible, or the URL missing
   */
  static JdbcOptions of(Map<String, String> options) {
    Set<String> unknown = new TreeSet<>(options.keySet());
    unknown.removeAll(KNOWN);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "unknown jdbc options " + unknown + "; known are " + new TreeSet<>(KNOWN));
    }
    String url = options.getOrDefault(URL, "");
    if (url.isBlank()) {
      throw new IllegalArgumentException(
          "the jdbc engine needs escrowmq.storage.jdbc.url, for example"
              + " jdbc:postgresql://db.example:5432/messages, jdbc:mariadb://db.example:3306/messages, or"
              + " jdbc:h2:file:./data/h2/messages"
              + " for development");
    }
    return new JdbcOptions(
        url,
        options.getOrDefault(USERNAME, ""),
        options.getOrDefault(PASSWORD, ""),
        schemaPolicy(options.getOrDefault(SCHEMA, "migrate")),
        (int) number(options, READERS, 8, 1, 1000),
        (int) number(options, GROUP_ROWS, 4096, 1, 100_000),
        number(options, GROUP_BYTES, 4 * MIB, 4096, 64 * MIB),
        number(options, PENDING_BYTES, 64 * MIB, 32 * MIB, 4096 * MIB),
        number(options, RETENTION_INTERVAL, 60_000, 0, Long.MAX_VALUE),
        number(options, OWN_TIMEOUT, 10_000, 0, 3_600_000),
        number(options, IN_DOUBT_TIMEOUT, 15_000, 0, 3_600_000),
        number(options, WRITE_DEADLINE, 2_500, 100, 600_000),
        number(options, TAIL_CACHE, 64 * MIB, 0, 1L << 40));
  }

  /** The options of one of several stores in a process, with its part of the memory for tails. */
  JdbcOptions oneOf(int stores) {
    return new JdbcOptions(
        url,
        username,
        password,
        schema,
        readerConnections,
        groupRows,
        groupBytes,
        pendingBytes,
        retentionIntervalMs,
        ownTimeoutMs,
        inDoubtTimeoutMs,
        writeDeadlineMs,
        tailCacheBytes / stores);
  }

  private static SchemaPolicy schemaPolicy(String text) {
    return switch (text.trim()) {
      case "migrate" -> SchemaPolicy.MIGRATE;
      case "validate" -> SchemaPolicy.VALIDATE;
      default ->
          throw new IllegalArgumentException(
              SCHEMA + " must be migrate or validate, got " + text.trim());
    };
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
