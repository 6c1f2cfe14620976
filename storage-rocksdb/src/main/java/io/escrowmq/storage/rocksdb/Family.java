package io.escrowmq.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The column families that every store has; buckets come on top. Names are stored: never change.
 */
enum Family {
  /** Counters of the whole store, one row per bucket, one row per hold count. */
  STORE("default", false),
  /** Queue name to its head. */
  QUEUES("queues", true),
  /** Where in which bucket a queue goes on. */
  SPANS("spans", false),
  /** What the upper half of a position stands for. */
  RUNS("runs", true),
  /** Live holds by id, without their bodies. */
  HOLDS("holds", true),
  /** Live holds by kind and id; no values. */
  KINDS("hold-kinds", false),
  /** Live holds by kind and wake-up time; no values. */
  DUE("due", false),
  /** Messages of live holds by id. */
  BODIES("bodies", true),
  /** What was decided by id. */
  DECIDED("decided", true),
  /** Decided ids by time; no values. */
  DECIDED_AT("decided-at", false),
  /** Table rows. */
  ROWS("rows", true);

  private final String storedName;
  private final boolean pointReads;

  Family(String storedName, boolean pointReads) {
    this.storedName = storedName;
    this.pointReads = pointReads;
  }

  byte[] storedName() {
    return storedName.getBytes(UTF_8);
  }

  /** True if most look-ups are for one key. */
  boolean pointReads() {
    return pointReads;
  }
}
