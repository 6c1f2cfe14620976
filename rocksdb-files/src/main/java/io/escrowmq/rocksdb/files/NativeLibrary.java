package io.escrowmq.rocksdb.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.rocksdb.NativeLibraryLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the library's native part, once for each process. The library would unpack it into the
 * temporary directory and delete it when the process ends, so that every killed server left 17 MB
 * there; here the file is deleted as soon as it is loaded.
 */
public final class NativeLibrary {

  private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

  private NativeLibrary() {}

  /**
   * Loads it.
   *
   * @throws UncheckedIOException if the temporary directory cannot be written
   * @throws UnsatisfiedLinkError if it may not be loaded from there (mounted {@code noexec})
   */
  public static void load() {
    try {
      Path folder = Files.createTempDirectory("escrowmq-rocksdb-");
      try {
        NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
      } finally {
        clear(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the native part of RocksDB cannot be unpacked into "
              + System.getProperty("java.io.tmpdir")
              + "; let java.io.tmpdir name a directory that can be written",
          e);
    }
  }

  /** What is loaded stays in memory without its file; where it may not be deleted, it stays. */
  private static void clear(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (FileSystemException e) {
      LOG.debug("{} stays until somebody deletes it", folder, e);
    }
  }
}
