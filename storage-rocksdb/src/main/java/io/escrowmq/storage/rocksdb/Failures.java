package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.StorageException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** What the library's errors mean for the SPI. Stateless. */
final class Failures {

  private Failures() {}

  /** A read or a care-taking call failed. */
  static StorageException reading(String doing, RocksDBException e) {
    if (is(e, Status.Code.Corruption)) {
      return new StorageException.Corrupt(doing + " failed: " + e.getMessage(), e);
    }
    return new StorageException.Unavailable(
        StorageException.Kind.RETRIABLE,
        doing + " failed: " + e.getMessage(),
        "Check the device that holds the data directory.",
        e);
  }

  /** A write or a sync failed: the store is read-only from now on. */
  static StorageException writing(Throwable e) {
    String full = e instanceof RocksDBException failure && isNoSpace(failure) ? NO_SPACE : "";
    return new StorageException.Unavailable(
        StorageException.Kind.FATAL,
        "writing to RocksDB failed, the store is read-only: " + e.getMessage() + full,
        "Check the device and its free space, then restart the server; it recovers everything"
            + " acknowledged.",
        e);
  }

  private static final String NO_SPACE = " (the file system is full)";

  /** Opening the database failed. */
  static StorageException opening(Path directory, RocksDBException e) {
    String message = String.valueOf(e.getMessage());
    boolean locked = message.contains("LOCK") && is(e, Status.Code.IOError);
    if (locked) {
      return new StorageException.Unavailable(
          StorageException.Kind.FATAL,
          "the store in "
              + directory.toAbsolutePath()
              + " is open already, in another process or in this one ("
              + message
              + ")",
          "Stop that process, or choose another data directory.",
          e);
    }
    if (is(e, Status.Code.IOError)) {
      return new StorageException.Unavailable(
          StorageException.Kind.FATAL,
          "cannot open the store in " + directory + ": " + message,
          "Check that the directory exists, is writable and has room.",
          e);
    }
    return new StorageException.Corrupt(
        "the store in " + directory + " cannot be opened: " + message, e);
  }

  private static boolean isNoSpace(RocksDBException e) {
    Status status = e.getStatus();
    return status != null && status.getSubCode() == Status.SubCode.NoSpace;
  }

  private static boolean is(RocksDBException e, Status.Code code) {
    @Nullable Status status = e.getStatus();
    return status != null && status.getCode() == code;
  }
}
