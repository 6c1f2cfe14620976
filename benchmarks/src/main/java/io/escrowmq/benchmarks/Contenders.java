package io.escrowmq.benchmarks;

import io.escrowmq.server.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The servers that a benchmark measures through the official client, one after the other: one that
 * runs already, or a fresh one of ours and then, if its jars are there, Apache RocketMQ.
 */
final class Contenders {

  private final Path directory;
  private final Map<String, String> options;

  Contenders(Path directory, Map<String, String> options) {
    this.directory = directory;
    this.options = Map.copyOf(options);
  }

  /** A measurement of one server. */
  @FunctionalInterface
  interface Measuring<T> {
    T on(Target target) throws Exception;
  }

  /**
   * What was measured.
   *
   * @param first of the server that runs already, or ours
   * @param rocketMq of Apache RocketMQ, if it was asked for
   */
  record Results<T>(T first, Optional<T> rocketMq) {}

  <T> Results<T> measure(Measuring<T> measuring) throws Exception {
    String address = options.get("address");
    if (address != null) {
      Target running = new Target("the server at " + address, address, () -> Duration.ZERO);
      return new Results<>(measuring.on(running), Optional.empty());
    }
    T ours = measureOurs(measuring);
    String jars = options.get("rocketmq");
    return new Results<>(
        ours,
        jars == null
            ? Optional.empty()
            : Optional.of(measureRocketMq(Path.of(jars).toAbsolutePath(), measuring)));
  }

  /** A measurement of both servers, which run at the same time. */
  @FunctionalInterface
  interface Comparing {
    void on(Target ours, Optional<Target> rocketMq) throws Exception;
  }

  /** Starts ours, and Apache RocketMQ if its jars are there, so that both are measured in turns. */
  void compare(Comparing comparing) throws Exception {
    String jars = options.get("rocketmq");
    measureOurs(ours -> {
      if (jars == null) {
        comparing.on(ours, Optional.empty());
      } else {
        measureRocketMq(
            Path.of(jars).toAbsolutePath(),
            theirs -> {
              comparing.on(ours, Optional.of(theirs));
              return theirs;
            });
      }
      return ours;
    });
  }

  private String durability() {
    return options.getOrDefault("durability", "durable");
  }

  private <T> T measureOurs(Measuring<T> measuring) throws Exception {
    Path home = directory.resolve("client-" + System.nanoTime());
    try (Removed _ = new Removed(home);
        ServerProcess server =
            ServerProcess.start(
                Path.of(System.getProperty("escrowmq.server.jar")),
                home,
                ServerFlags.broker(),
                List.of(
                    "--escrowmq.storage.durability=" + durability(),
                    "--escrowmq.storage.type=" + options.getOrDefault("storage", "commitlog")))) {
      return measuring.on(
          new Target("EscrowMQ, " + durability(), server.nameServer(), server::cpuTime));
    }
  }

  private <T> T measureRocketMq(Path jars, Measuring<T> measuring) throws Exception {
    boolean synced = durability().equals("durable");
    Path home = directory.resolve("rocketmq-" + System.nanoTime());
    try (Removed _ = new Removed(home);
        RocketMqProcess server = new RocketMqProcess(jars, home, synced)) {
      return measuring.on(
          new Target(
              "RocketMQ, " + (synced ? "SYNC_FLUSH" : "ASYNC_FLUSH"),
              server.nameServer(),
              server::cpuTime));
    }
  }

  /** Removes what a server has written, gigabytes a minute, once it has ended. */
  private record Removed(Path home) implements AutoCloseable {

    @Override
    public void close() throws IOException {
      List<Path> files;
      try (Stream<Path> walk = Files.walk(home)) {
        files = walk.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }
}
