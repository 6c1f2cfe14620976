package io.escrowmq.samples.bank;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server running as a child process, which can be killed and started again on the same data and
 * the same ports.
 */
final class ServerProcess implements AutoCloseable {
  private static final Duration START_PATIENCE = Duration.ofMinutes(2);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);
  private static final Duration LAST_WORDS_PATIENCE = Duration.ofSeconds(5);
  private static final String READY = "EscrowMQ ready";

  private final Path java;
  private final Path jar;
  private final List<String> settings;
  private final Path dataDir;
  private final Path log;

  private @Nullable Process process;
  private @Nullable ChildOutput output;
  private int nameServerPort;
  private int remotingPort;
  private String nameServer = "";
  private int kills;

  ServerProcess(Path java, Path jar, Path workDir, List<String> settings) {
    this.settings = settings;
    this.java = java;
    this.jar = jar;
    this.dataDir = workDir.resolve("server-data");
    this.log = workDir.resolve("server.log");
  }

  /**
   * Starts the server and waits until it is ready: on free ports the first time, on the same ports
   * afterwards.
   */
  void start() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(java.toString()));
    command.addAll(fastStart());
    command.addAll(List.of("-jar", jar.toString()));
    command.add("--escrowmq.data-dir=" + dataDir);
    command.add("--escrowmq.remoting.name-server-port=" + nameServerPort);
    command.add("--escrowmq.remoting.port=" + remotingPort);
    command.add("--escrowmq.grpc.port=0");
    command.add("--server.port=0");
    // Check-back after seconds instead of the usual half minute, so that the demo is short.
    command.add("--escrowmq.transactions.check-first=2s");
    command.add("--escrowmq.transactions.check-interval=3s");
    command.addAll(settings);

    CompletableFuture<String> ready = new CompletableFuture<>();
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    process = child;
    output =
        ChildOutput.follow(
            child,
            log,
            line -> {
              if (line.startsWith(READY)) {
                ready.complete(line);
              }
            });
    try {
      CompletableFuture.anyOf(ready, child.onExit())
          .get(START_PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw failure("The server cannot be watched", e);
    } catch (TimeoutException e) {
      throw failure("The server was not ready within " + START_PATIENCE.toSeconds() + " s", e);
    }
    if (!ready.isDone()) {
      throw failure("The server stopped while starting, with exit code " + child.exitValue(), null);
    }
    readEndpoints();
  }

  /** The options under which {@code ./mq} prepared a cache of loaded classes, if it did. */
  private List<String> fastStart() throws IOException {
    Path cache = Path.of(jar.toString().replaceFirst("[.]jar$", ".aot"));
    if (!Files.exists(cache)
        || Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) < 0) {
      return List.of();
    }
    return List.of("-XX:+UseCompactObjectHeaders", "-XX:AOTCache=" + cache);
  }

  /** The name server's {@code host:port}. */
  String nameServer() {
    return nameServer;
  }

  /** How often the server was killed. */
  int kills() {
    return kills;
  }

  /** Kills the server with SIGKILL: it gets no chance to finish anything. */
  void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
      kills++;
    }
  }

  /** Fails with the server's last words if it has stopped by itself. */
  void checkAlive() {
    if (process != null && !process.isAlive()) {
      throw failure("The server stopped by itself with exit code " + process.exitValue(), null);
    }
  }

  private void readEndpoints() throws IOException {
    Path file = dataDir.resolve("endpoints.json");
    String json = Files.readString(file, UTF_8);
    nameServer = endpoint(json, "nameServer", file);
    nameServerPort = port(nameServer);
    remotingPort = port(endpoint(json, "remoting", file));
  }

  private String endpoint(String json, String name, Path file) {
    Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]+:\\d+)\"").matcher(json);
    if (!matcher.find()) {
      throw failure(
          "The server says it is ready, but "
              + file
              + " has no address for '"
              + name
              + "': "
              + json,
          null);
    }
    return matcher.group(1);
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  private DemoFailure failure(String what, @Nullable Exception cause) {
    List<String> lines = output == null ? List.of() : lastLines(output);
    String lastWords =
        lines.isEmpty()
            ? " It printed nothing."
            : " Its last lines:\n  " + String.join("\n  ", lines);
    String whatToDo =
        "Read its log, kept at "
            + log
            + ". The server needs Java 25; it was run with "
            + java
            + ".";
    return cause == null
        ? new DemoFailure(what + "." + lastWords, whatToDo)
        : new DemoFailure(what + " (" + cause + ")." + lastWords, whatToDo, cause);
  }

  private List<String> lastLines(ChildOutput said) {
    return process == null || process.isAlive()
        ? said.lastLines()
        : said.lastWords(LAST_WORDS_PATIENCE);
  }

  /** Stops the server: gracefully if it can. */
  @Override
  public void close() {
    Process child = process;
    if (child == null) {
      return;
    }
    child.destroy();
    try {
      if (!child.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        child.destroyForcibly();
      }
    } catch (InterruptedException e) {
      child.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
