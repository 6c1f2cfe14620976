package io.escrowmq.samples.bank;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads what a child process prints: to a log file, to whoever waits for a line, and the last lines
 * for an error message.
 */
final class ChildOutput {
  private static final int LAST_LINES = 15;

  private final Deque<String> lastLines = new ArrayDeque<>();

  /** Starts to read on a thread of its own, until the child closes its output. */
  static ChildOutput follow(Process process, Path log, Consumer<String> onLine) {
    ChildOutput output = new ChildOutput();
    Thread reader =
        new Thread(() -> output.read(process, log, onLine), "output-of-" + process.pid());
    reader.setDaemon(true);
    reader.start();
    return output;
  }

  private void read(Process process, Path log, Consumer<String> onLine) {
    try (BufferedReader lines =
            new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        Writer file =
            Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        remember(line);
        file.write(line + System.lineSeparator());
        file.flush();
        onLine.accept(line);
      }
    } catch (IOException e) {
      // A killed process takes its pipe with it, in the middle of a line if need be. Say where the
      // output ends.
      remember("(end of output: " + e.getMessage() + ")");
    }
  }

  private synchronized void remember(String line) {
    if (lastLines.size() == LAST_LINES) {
      lastLines.removeFirst();
    }
    lastLines.addLast(line);
  }

  /** The last lines printed, oldest first. */
  synchronized List<String> lastLines() {
    return List.copyOf(lastLines);
  }
}
