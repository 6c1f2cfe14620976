package io.escrowmq.spi.storage;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The files an engine owns, as an interface, so that the contract kit can tear writes, fill the
 * disk and fail syncs. Thread-safe.
 */
public interface Disk {

  /** Opens a file for reading and writing, creating it if it does not exist. */
  DiskFile open(Path file) throws IOException;

  /** Makes the directory's entries (created, renamed and deleted names) durable. */
  void forceDirectory(Path directory) throws IOException;

  /** Bytes that can still be written to the file system that holds the directory. */
  long usableBytes(Path directory) throws IOException;

  /** Size in bytes of the file system that holds the directory. */
  long totalBytes(Path directory) throws IOException;

  /** The operating system's files. */
  static Disk real() {
    return RealDisk.INSTANCE;
  }
}
