package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a second server away from an embedded database. The lock dies with its process. */
final class StoreLock implements AutoCloseable {

  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Locks the directory.
   *
   * @throws StorageException.Unavailable if somebody else has it
   */
  static StoreLock take(Path directory) {
    try {
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(
              directory.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new StorageException.Unavailable(
            StorageException.Kind.FATAL,
            "the store in " + directory.toAbsolutePath() + " is open in another server",
            "Stop that server, or choose another data directory.");
      }
      return new StoreLock(channel);
    } catch (IOException e) {
      throw new StorageException.Unavailable(
          StorageException.Kind.FATAL,
          "the directory " + directory.toAbsolutePath() + " cannot be locked: " + e.getMessage(),
          "Check that it is writable and on a local disk.",
          e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the lock file cannot be closed", e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }
}
