package io.escrowmq.spi.storage;

/**
 * What the server lends to an engine, so that tests can replace the world.
 *
 * @param time the only clock the engine may read
 * @param disk the only way the engine may touch files on its write path; engines on a library that
 *     opens its own files (RocksDB, JDBC) ignore it
 */
public record StorageContext(TimeSource time, Disk disk) {

  /** The real clock and the real disk. */
  public static StorageContext system() {
    return new StorageContext(TimeSource.system(), Disk.real());
  }
}
