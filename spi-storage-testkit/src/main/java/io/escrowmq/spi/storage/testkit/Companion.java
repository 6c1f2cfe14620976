package io.escrowmq.spi.storage.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What an engine needs beside its own process, on the same disk: the database that it writes to. It
 * loses its power together with the disk.
 */
public interface Companion {

  /** For engines that need nobody. */
  Companion NONE =
      new Companion() {
        @Override
        public Map<String, String> start(Path directory, Map<String, String> environment) {
          return Map.of();
        }

        @Override
        public void kill() {
          // There is nobody.
        }
      };

  /**
   * Starts it on the data in the directory, which it creates if it is missing.
   *
   * @param environment for its processes, for example {@code LD_PRELOAD}
   * @return options of the engine that lead to it
   * @throws IOException if it does not start, for example because its data is damaged
   */
  Map<String, String> start(Path directory, Map<String, String> environment) throws IOException;

  /** Kills all its processes and waits until they are gone. Nothing happens if there are none. */
  void kill();
}
