package io.escrowmq.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the figures were measured on. */
final class Machine {

  private Machine() {}

  static void describe(PrintStream out, Path directory) throws IOException {
    Files.createDirectories(directory);
    out.printf(
        "machine: %d cores, %s %s, JDK %s, directory on %s%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        Runtime.version(),
        Files.getFileStore(directory).type());
    out.println("JVM flags of every broker: " + String.join(" ", ServerFlags.broker()));
  }
}
