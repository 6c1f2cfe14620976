package io.escrowmq.clienttests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server as a child process, with its data and its log under {@code target/servers/<name>}. */
final class ServerProcess implements AutoCloseable {
  private static final Duration START_PATIENCE = Duration.ofMinutes(4);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);
  private static final int LAST_LINES = 25;

  private final Path jar;
  private final Path folder;
  private final Deque<String> lastLines = new ArrayDeque<>();
  private Process process;
  private String nameServer;
  private int nameServerPort;
  private int remotingPort;

  ServerProcess(Path jar, String name) {
    this.jar = jar;
    try {
      Path servers = Files.createDirectories(Path.of("target", "servers"));
      this.folder = Files.createTempDirectory(servers.toAbsolutePath(), name + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts it and waits until it is ready: on free ports the first time, on the same ports
   * afterwards.
   */
  void start() {
    Path dataDir = folder.resolve("data");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-jar",
            jar.toString(),
            "--escrowmq.data-dir=" + dataDir,
            "--escrowmq.remoting.name-server-port=" + nameServerPort,
            "--escrowmq.remoting.port=" + remotingPort,
            "--escrowmq.grpc.port=0",
            "--server.port=0",
            "--escrowmq.transactions.check-first=2s",
            "--escrowmq.transactions.check-interval=3s");
    CompletableFuture<Boolean> ready = new CompletableFuture<>();
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
      followOutput(process, ready);
      CompletableFuture.anyOf(ready, process.onExit())
          .get(START_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (!ready.isDone()) {
        throw new AssertionError(
            "The server stopped while starting, exit code " + process.exitValue() + tail());
      }
      readEndpoints(Files.readString(dataDir.resolve("endpoints.json"), UTF_8));
    } catch (IOException | ExecutionException e) {
      throw new AssertionError("The server cannot be started" + tail(), e);
    } catch (TimeoutException e) {
      throw new AssertionError("The server was not ready within " + START_PATIENCE + tail(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  String nameServer() {
    return nameServer;
  }

  void kill() {
    process.destroyForcibly().onExit().join();
  }

  private void followOutput(Process child, CompletableFuture<Boolean> ready) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader lines =
                      new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8));
                  Writer log =
                      Files.newBufferedWriter(
                          folder.resolve("server.log"),
                          StandardOpenOption.CREATE,
                          StandardOpenOption.APPEND)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  remember(line);
                  log.write(line + "\n");
                  log.flush();
                  if (line.startsWith("EscrowMQ ready")) {
                    ready.complete(true);
                  }
                }
              } catch (IOException e) {
                remember("(end of output: " + e.getMessage() + ")");
              }
            },
            "server-output");
    reader.setDaemon(true);
    reader.start();
  }

  private void readEndpoints(String json) {
    nameServer = endpoint(json, "nameServer");
    nameServerPort = port(nameServer);
    remotingPort = port(endpoint(json, "remoting"));
  }

  private static String endpoint(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]+:\\d+)\"").matcher(json);
    if (!matcher.find()) {
      throw new AssertionError("endpoints.json has no address for '" + name + "': " + json);
    }
    return matcher.group(1);
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  private synchronized void remember(String line) {
    if (lastLines.size() == LAST_LINES) {
      lastLines.removeFirst();
    }
    lastLines.addLast(line);
  }

  private synchronized String tail() {
    return ". Its log is in " + folder + "; its last lines:\n  " + String.join("\n  ", lastLines);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(
            "The server did not stop within " + STOP_PATIENCE + " of SIGTERM" + tail());
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
