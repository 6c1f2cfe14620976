package io.escrowmq.samples.bank;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Reads what a child process prints: to a log file, to whoever waits for a line, and the last lines
 * for an error message.
 */
final class ChildOutput {
  private static final int LAST_LINES = 15;

  private final Deque<String> lastLines = new ArrayDeque<>();
  private final CountDownLatch ended = new CountDownLatch(1);

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
    } finally {
      ended.countDown();
    }
  }

  private synchronized void remember(String line) {
    if (lastLines.size() == LAST_LINES) {
      lastLines.removeFirst();
    }
    lastLines.addLast(line);
  }

  /**
   * The last lines of a child that has stopped, oldest first. Its exit is often noticed before its
   * last words have been read; this waits for them, at most the given time, as a grandchild may
   * keep the pipe open.
   */
  List<String> lastWords(Duration patience) {
    try {
      if (!ended.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        remember("(the output is still open)");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return lastLines();
  }

  /** The last lines printed so far, oldest first. */
  synchronized List<String> lastLines() {
    return List.copyOf(lastLines);
  }
}
