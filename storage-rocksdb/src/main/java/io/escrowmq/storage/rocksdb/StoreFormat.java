package io.escrowmq.storage.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The file that says which layout a store has: one line, {@code escrowmq-rocksdb 1}. */
final class StoreFormat {

  /** The layout that this code reads and writes. */
  static final int VERSION = 1;

  private static final String FILE = "format";
  private static final String PREFIX = "escrowmq-rocksdb ";
  private static final int MAX_BYTES = 64;

  private StoreFormat() {}

  /** True if a store of any format is there. */
  static boolean exists(Path directory) {
    return Files.exists(directory.resolve(FILE));
  }

  /**
   * Checks the layout of an existing store, or gives a new one its file.
   *
   * @throws StorageException if this code cannot read the store
   */
  static void check(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (Files.exists(file)) {
      check(directory, file);
    } else if (Files.exists(directory.resolve(Engine.DATABASE).resolve("CURRENT"))) {
      throw new StorageException.Corrupt(
          "the store in " + directory + " has a database but no file named " + FILE);
    } else {
      create(directory, file);
    }
  }

  private static void check(Path directory, Path file) throws IOException {
    String text = Files.size(file) > MAX_BYTES ? "" : Files.readString(file, US_ASCII).strip();
    int version = text.startsWith(PREFIX) ? version(text.substring(PREFIX.length())) : 0;
    if (version < 1) {
      throw new StorageException.Corrupt(file + " does not name a format version");
    }
    if (version > VERSION) {
      throw new StorageException.Unavailable(
          StorageException.Kind.FATAL,
          "the store in "
              + directory
              + " has format version "
              + version
              + ", this server reads version "
              + VERSION,
          "Start the newer server that wrote it; nothing was changed.");
    }
  }

  private static int version(String digits) {
    return digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : 0;
  }

  private static void create(Path directory, Path file) throws IOException {
    Path scratch = directory.resolve(FILE + ".new");
    try (FileChannel channel =
        FileChannel.open(
            scratch,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap((PREFIX + VERSION + "\n").getBytes(US_ASCII)));
      channel.force(true);
    }
    Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }
}
