package io.escrowmq.storage.commitlog.views;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The column families. The names are stored: never change one. */
enum ViewFamily {
  /** Checkpoint position and other single values. */
  META("default", false),
  /** Queue rows by name, and queue names by uid. */
  QUEUES("queues", true),
  /** Blocks of index entries by queue uid and block number. */
  BLOCKS("blocks", true),
  /** Live holds by kind and id. */
  HOLDS("holds", true),
  /** Live holds by kind, wake-up time and id; no values. */
  DUE("due", false),
  /** Decided hold ids. */
  DECIDED("decided", true),
  /** Decided hold ids by time of the decision; no values. */
  DECIDED_AT("decided-at", false),
  /** Table rows by table and key. */
  ROWS("rows", true),
  /** Messages by day, key hash and time; no values. */
  KEYS("keys", false),
  /** Released messages whose body lies in an earlier segment, by body position. */
  BODIES("bodies", false);

  private final String label;
  private final boolean pointReads;

  ViewFamily(String label, boolean pointReads) {
    this.label = label;
    this.pointReads = pointReads;
  }

  byte[] storedName() {
    return label.getBytes(UTF_8);
  }

  /**
   * True if rows come at random places and stay as they are: then whole files are merged when there
   * are several of a size, instead of again and again with all that is there.
   */
  boolean scattered() {
    return this == KEYS || this == DECIDED;
  }

  /** True if single keys are looked up, so that Bloom filters pay. */
  boolean pointReads() {
    return pointReads;
  }
}
