package io.escrowmq.storage.jdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The processes of a database server that are started with an environment, and killed. */
final class DoomedServer {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LAST_WORDS = 5;

  private final Path log;
  private @Nullable Process process;

  /** A server that says into this file what it does. */
  DoomedServer(Path log) {
    this.log = log;
  }

  /** Starts it and waits until the URL answers. */
  void start(String url, Map<String, String> environment, List<String> command) throws IOException {
    Process started = begin(environment, command);
    process = started;
    Awaitility.await("the database answers")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !started.isAlive() || answers(url));
    if (!started.isAlive()) {
      throw new IOException("the database does not start: " + lastWords());
    }
  }

  /** Kills all of it. Nothing happens if there is nothing. */
  void kill() {
    Process running = process;
    if (running == null) {
      return;
    }
    process = null;
    List<ProcessHandle> all =
        Stream.concat(Stream.of(running.toHandle()), running.descendants()).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    Awaitility.await("the database is gone")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
  }

  /** Runs a program of the server to its end. */
  void run(List<String> command) throws IOException {
    Process program = begin(Map.of(), command);
    try {
      if (!program.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || program.exitValue() != 0) {
        program.destroyForcibly();
        throw new IOException(String.join(" ", command) + " failed: " + lastWords());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during " + command.getFirst(), e);
    }
  }

  private Process begin(Map<String, String> environment, List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private List<String> lastWords() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.subList(Math.max(0, lines.size() - LAST_WORDS), lines.size());
  }

  private static boolean answers(String url) {
    try {
      DriverManager.getConnection(url).close();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
