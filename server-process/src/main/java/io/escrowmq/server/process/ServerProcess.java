package io.escrowmq.server.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An EscrowMQ server as a child process. The first start takes free ports; later starts reuse them,
 * so that clients find the server again. Not thread-safe.
 */
public final class ServerProcess implements AutoCloseable {

  private static final Duration START_DEADLINE = Duration.ofSeconds(90);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(60);
  private static final int LOG_TAIL_LINES = 40;

  /** What the server says then; see {@code StartFailure}. */
  private static final String PORT_TAKEN = "A port is taken";

  private static final List<String> QUICK_JVM =
      List.of("-Xmx768m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private final Path jar;
  private final Path dataDir;
  private final Path log;
  private final List<String> jvmOptions;
  private List<String> settings;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private Ports ports = new Ports(0, 0, 0);
  private Process process;

  private ServerProcess(Path jar, Path dataDir, List<String> jvmOptions, List<String> settings) {
    this.jar = jar;
    this.dataDir = dataDir.toAbsolutePath();
    this.log = this.dataDir.resolveSibling(this.dataDir.getFileName() + ".log");
    this.jvmOptions = List.copyOf(jvmOptions);
    this.settings = List.copyOf(settings);
    this.process = launch();
  }

  private record Ports(int nameServer, int remoting, int http) {}

  /**
   * Starts the jar named by the system property {@code escrowmq.server.jar} as {@link
   * #startQuickly} does.
   *
   * @param settings further arguments such as {@code --escrowmq.topics.auto-create=true}
   */
  public static ServerProcess start(Path dataDir, String... settings) {
    String jar = System.getProperty("escrowmq.server.jar");
    if (jar == null) {
      throw new IllegalStateException("set the system property escrowmq.server.jar");
    }
    return startQuickly(Path.of(jar), dataDir, List.of(settings));
  }

  /**
   * Starts a jar with a small JVM that is there soon and not fast for long, as tests want it, and
   * waits until it accepts messages.
   */
  public static ServerProcess startQuickly(Path jar, Path dataDir, List<String> settings) {
    List<String> options = new ArrayList<>(QUICK_JVM);
    options.add(StartCache.option(jar, QUICK_JVM));
    return start(jar, dataDir, options, settings);
  }

  /** Starts a jar with JVM options of the caller's choice and waits until it accepts messages. */
  public static ServerProcess start(
      Path jar, Path dataDir, List<String> jvmOptions, List<String> settings) {
    ServerProcess server = new ServerProcess(jar, dataDir, jvmOptions, settings);
    server.awaitReady();
    return server;
  }

  /**
   * Starts again on the same directory and ports, after {@link #kill()} or {@link #stop()}. While
   * the server was down any other connection of the machine may have been given one of its ports,
   * even the one that a client tries to reach it with; then it starts once more.
   */
  public void restart() {
    long deadline = System.nanoTime() + START_DEADLINE.toNanos();
    while (true) {
      process = launch();
      try {
        awaitReady();
        return;
      } catch (IllegalStateException e) {
        boolean taken = !process.isAlive() && logTail().contains(PORT_TAKEN);
        if (!taken || System.nanoTime() > deadline) {
          throw e;
        }
      }
    }
  }

  /** The same with other settings from now on. */
  public void restart(List<String> otherSettings) {
    settings = List.copyOf(otherSettings);
    restart();
  }

  /** SIGKILL; returns when the process is gone. */
  public void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** SIGTERM; returns when the process is gone. */
  public void stop() {
    process.destroy();
    awaitExit();
  }

  /** SIGSTOP: the process stands still, its connections stay open. */
  public void pause() {
    signal("STOP");
  }

  /** SIGCONT: it goes on as if nothing had happened. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      int status =
          new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
              .inheritIO()
              .start()
              .waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill -" + name + " ended with " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Process id. */
  public long pid() {
    return process.pid();
  }

  /** False after the process has ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** CPU time the process has used so far. */
  public Duration cpuTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** What clients are configured with. */
  public String nameServer() {
    return "127.0.0.1:" + ports.nameServer();
  }

  /** Where messages are sent to. */
  public String remoting() {
    return "127.0.0.1:" + ports.remoting();
  }

  /** Base URL of the admin API. */
  public String http() {
    return "http://127.0.0.1:" + ports.http();
  }

  /** Body of the health page, whatever its status; why it could not be read if it could not. */
  public String health() {
    return get("/actuator/health");
  }

  /** Body of a page, whatever its status; why it could not be read if it could not. */
  public String get(String path) {
    return ask("GET", path, "");
  }

  /** Body of the answer to a request with a JSON body, as {@link #get} gives it. */
  public String ask(String method, String path, String json) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(http() + path))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(json))
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "unreachable: " + e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The last lines the server printed. */
  public String logTail() {
    try {
      List<String> lines = Files.readAllLines(log);
      int from = Math.max(0, lines.size() - LOG_TAIL_LINES);
      return String.join("\n", lines.subList(from, lines.size()));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    awaitExit();
  }

  private Process launch() {
    try {
      Files.createDirectories(dataDir);
      Files.deleteIfExists(endpoints());
      return new ProcessBuilder(command())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-jar");
    command.add(jar.toString());
    command.add("--escrowmq.data-dir=" + dataDir);
    command.add("--escrowmq.remoting.name-server-port=" + ports.nameServer());
    command.add("--escrowmq.remoting.port=" + ports.remoting());
    command.add("--escrowmq.grpc.port=0");
    command.add("--server.port=" + ports.http());
    command.addAll(settings);
    return command;
  }

  private Path endpoints() {
    return dataDir.resolve("endpoints.json");
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + START_DEADLINE.toNanos();
    try {
      while (!Files.exists(endpoints())) {
        if (process.waitFor(5, TimeUnit.MILLISECONDS)) {
          throw new IllegalStateException("the server ended at its start:\n" + logTail());
        }
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "the server was not ready within " + START_DEADLINE + ":\n" + logTail());
        }
      }
      String json = Files.readString(endpoints());
      ports =
          new Ports(
              port(json, "nameServer"),
              // A server of a cluster has a port per shard, other ones after each start.
              json.contains("\"remoting\"") ? port(json, "remoting") : 0,
              port(json, "http"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static int port(String json, String role) {
    Matcher matcher = Pattern.compile("\"" + role + "\"\\s*:\\s*\"[^\"]*:(\\d+)\"").matcher(json);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + role + " in " + json);
    }
    return Integer.parseInt(matcher.group(1));
  }

  private void awaitExit() {
    try {
      if (!process.waitFor(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("the server did not end:\n" + logTail());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
