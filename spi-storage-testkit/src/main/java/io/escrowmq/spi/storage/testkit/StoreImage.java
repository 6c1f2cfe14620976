package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of a store at one moment, as a crash would find them: copied while the engine is idle.
 *
 * @param directory where the copy is
 * @param logs content of each log file by its path below the directory
 */
record StoreImage(Path directory, Map<Path, byte[]> logs) {

  /** Copies a store. */
  static StoreImage take(EngineUnderTest engine, Path store, Path copy) throws IOException {
    copyTree(store, copy);
    Map<Path, byte[]> logs = new LinkedHashMap<>();
    for (Path log : engine.logFiles(store)) {
      Path name = store.relativize(log);
      logs.put(name, Files.readAllBytes(copy.resolve(name)));
    }
    return new StoreImage(copy, logs);
  }

  /** A fresh copy of this image, to be damaged and opened. */
  Path restoreTo(Path target) throws IOException {
    deleteTree(target);
    copyTree(directory, target);
    return target;
  }

  /** The bytes that a later image has and this one has not: what was written in between. */
  Change changeTo(StoreImage later) {
    List<Change> changes = new ArrayList<>();
    later.logs.forEach((name, now) -> {
      byte[] was = logs.getOrDefault(name, new byte[0]);
      change(name, was, now).ifPresent(changes::add);
    });
    if (changes.size() > 1) {
      // A file that was prepared meanwhile holds no record yet.
      changes.removeIf(change -> !logs.containsKey(change.file()));
    }
    if (changes.size() != 1) {
      throw new AssertionError(
          "one record is expected in one log file, but these changed: " + changes);
    }
    return changes.getFirst();
  }

  private static Optional<Change> change(Path name, byte[] was, byte[] now) {
    int from = Arrays.mismatch(was, now);
    if (from < 0) {
      return Optional.empty();
    }
    int to = now.length;
    while (to > from
        && to <= was.length
        && was.length == now.length
        && was[to - 1] == now[to - 1]) {
      to--;
    }
    return Optional.of(new Change(name, from, Bytes.wrap(Arrays.copyOfRange(now, from, to))));
  }

  /** Removes a directory with everything in it. */
  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Path target = to.resolve(from.relativize(path));
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  /**
   * Bytes of a log file.
   *
   * @param file path below the store's directory
   * @param from first byte
   * @param content the bytes
   */
  record Change(Path file, int from, Bytes content) {

    int length() {
      return content.size();
    }

    @Override
    public String toString() {
      return file + "[" + from + ".." + (from + length()) + ")";
    }
  }
}
