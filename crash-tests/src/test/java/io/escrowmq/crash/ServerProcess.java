package io.escrowmq.crash;

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
import org.awaitility.Awaitility;

/**
 * An EscrowMQ server as a child process. The first start takes free ports; later starts reuse them,
 * so that clients find the server again.
 */
final class ServerProcess implements AutoCloseable {

  private static final Duration START_DEADLINE = Duration.ofSeconds(60);

  private final Path dataDir;
  private final Path log;
  private final List<String> settings;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private Ports ports = new Ports(0, 0, 0);
  private Process process;

  private ServerProcess(Path dataDir, List<String> settings) {
    this.dataDir = dataDir;
    this.log = dataDir.resolveSibling(dataDir.getFileName() + ".log");
    this.settings = List.copyOf(settings);
    this.process = launch();
  }

  private record Ports(int nameServer, int remoting, int http) {}

  /** Starts a server and waits until it accepts messages. */
  static ServerProcess start(Path dataDir, String... settings) {
    ServerProcess server = new ServerProcess(dataDir, List.of(settings));
    server.awaitReady();
    return server;
  }

  /** Starts again on the same directory and ports, after {@link #kill()} or {@link #stop()}. */
  void restart() {
    process = launch();
    awaitReady();
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** SIGTERM; returns when the process is gone. */
  void stop() {
    process.destroy();
    awaitExit();
  }

  long pid() {
    return process.pid();
  }

  String nameServer() {
    return "127.0.0.1:" + ports.nameServer();
  }

  /** Body of the health page, whatever its status. */
  String health() {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + ports.http() + "/actuator/health"))
              .timeout(Duration.ofSeconds(5))
              .build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "unreachable: " + e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The last lines the server printed. */
  String logTail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
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
      Files.deleteIfExists(dataDir.resolve("endpoints.json"));
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "-Xmx768m",
              "-XX:TieredStopAtLevel=1",
              "-XX:+UseSerialGC",
              "--enable-native-access=ALL-UNNAMED",
              "--sun-misc-unsafe-memory-access=allow",
              "-jar",
              System.getProperty("escrowmq.server.jar"),
              "--escrowmq.data-dir=" + dataDir,
              "--escrowmq.remoting.name-server-port=" + ports.nameServer(),
              "--escrowmq.remoting.port=" + ports.remoting(),
              "--escrowmq.grpc.port=0",
              "--server.port=" + ports.http()));
      command.addAll(settings);
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitReady() {
    Path endpoints = dataDir.resolve("endpoints.json");
    Awaitility.await("server start, log in " + log)
        .atMost(START_DEADLINE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          if (!process.isAlive()) {
            throw new IllegalStateException("the server ended at start:\n" + logTail());
          }
          return Files.exists(endpoints);
        });
    try {
      String json = Files.readString(endpoints);
      ports = new Ports(port(json, "nameServer"), port(json, "remoting"), port(json, "http"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the server did not end:\n" + logTail());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
