package io.escrowmq.server;

import io.escrowmq.node.NodeStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory of a server's files: checked before anything is opened in it. */
final class DataDirectory {

  private DataDirectory() {}

  /**
   * Creates the directory if it is missing and proves that files can be created in it.
   *
   * @throws NodeStartException if not
   */
  static void prepare(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.delete(Files.createTempFile(directory, ".probe", ""));
      if (EndpointsFile.owner(directory).isEmpty()) {
        EndpointsFile.remove(directory); // left by a process that was killed
      }
    } catch (IOException e) {
      throw new NodeStartException(
          "The data directory is not writable",
          directory.toAbsolutePath().normalize().toString(),
          e.toString(),
          "Give this user the right to write there, or choose another directory with"
              + " --escrowmq.data-dir=<directory>.",
          e);
    }
  }
}
