package io.escrowmq.spi.storage;

/** What may happen to a server or to its data. Ordered from the most to the least frequent. */
public enum Mishap {
  /**
   * The server's process is killed; the machine goes on, and so does the database if there is one.
   */
  SERVER_KILL,
  /**
   * The machine that keeps the data, or the database on it, stops at any moment and comes back with
   * what its disks had confirmed: a power cut, a crash of the operating system.
   */
  POWER_CUT,
  /** The machine that keeps the data never comes back, nor do its disks. */
  NODE_LOSS
}
