package io.escrowmq.server.cli;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.DiskFile;
import io.escrowmq.spi.storage.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code mq doctor}: looks at this machine and a server on it, and says what to change. */
@Command(
    name = "doctor",
    description =
        "Checks Java, disk, ports and a running server; exit code 1 if something is wrong.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

  private static final int WANTED_JAVA = 25;
  private static final int SYNCS = 50;
  private static final int BLOCK_BYTES = 4096;
  private static final long SLOW_SYNC_MICROS = 10_000;
  private static final long LITTLE_BYTES = 2L << 30;
  private static final Map<String, Integer> PORTS =
      Map.of("name server", 9876, "remoting", 10911, "http", 8080);

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Mixin
  private Connection connection;

  private final TimeSource time = TimeSource.system();
  private final List<Finding> findings = new ArrayList<>();

  /**
   * One thing that was looked at.
   *
   * @param advice what to change; empty if it is right
   */
  record Finding(String what, boolean ok, String value, String advice) {}

  @Override
  public Integer call() {
    java();
    disk(connection.data);
    if (!server()) {
      PORTS.forEach(this::port);
    }
    print();
    return findings.stream().allMatch(Finding::ok) ? ExitCode.OK : ExitCode.FAILED;
  }

  private void java() {
    int feature = Runtime.version().feature();
    add(
        "Java",
        feature >= WANTED_JAVA,
        Runtime.version().toString(),
        "Run with a JDK " + WANTED_JAVA + ".");
  }

  private void disk(Path directory) {
    Path parent = directory.toAbsolutePath();
    while (!Files.isDirectory(parent) && parent.getParent() != null) {
      parent = parent.getParent();
    }
    try {
      long freeBytes = Disk.real().usableBytes(parent);
      add(
          "free space",
          freeBytes >= LITTLE_BYTES,
          (freeBytes >> 20) + " MiB at " + parent,
          "Free space, or keep the data elsewhere with --escrowmq.data-dir.");
      long micros = syncMicros(parent);
      add(
          "disk sync",
          micros <= SLOW_SYNC_MICROS,
          micros + " us per 4 KiB write and sync",
          "Use a local SSD: every durable send waits for a sync.");
    } catch (IOException e) {
      add("disk", false, e.toString(), "Make " + parent + " writable for this user.");
    }
  }

  private long syncMicros(Path directory) throws IOException {
    Path probe = Files.createTempFile(directory, ".probe", "");
    try (DiskFile file = Disk.real().open(probe)) {
      long start = time.nanos();
      for (int i = 0; i < SYNCS; i++) {
        file.write(ByteBuffer.allocate(BLOCK_BYTES), (long) i * BLOCK_BYTES);
        file.force();
      }
      return (time.nanos() - start) / SYNCS / 1000;
    } finally {
      Files.delete(probe);
    }
  }

  private boolean server() {
    try {
      JsonNode answer = connection.get("/api/v1/cluster", Map.of());
      JsonNode health = answer.path("health");
      add(
          "server",
          health.path("canSend").asBoolean(),
          connection.base() + " " + health.path("reason").asString(""),
          health.path("remedy").asString(""));
      return true;
    } catch (CliException e) {
      boolean absent = e.exitCode() == ExitCode.NO_CONNECTION;
      add("server", absent, absent ? "none is running" : String.valueOf(e.getMessage()), e.hint());
      return !absent;
    }
  }

  private void port(String role, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      add("port of " + role, true, port + " is free", "");
    } catch (IOException e) {
      add(
          "port of " + role,
          false,
          port + " is taken",
          "Stop the other process or choose another port (0 picks a free one).");
    }
  }

  private void add(String what, boolean ok, String value, String advice) {
    findings.add(new Finding(what, ok, value, ok ? "" : advice));
  }

  private void print() {
    if (connection.json) {
      connection.print(new JsonMapper().valueToTree(Map.of("findings", findings)));
      return;
    }
    for (Finding finding : findings) {
      connection
          .out()
          .printf(
              Locale.ROOT,
              "%-4s %-20s %s%n",
              finding.ok() ? "ok" : "FIX",
              finding.what(),
              finding.value());
      if (!finding.advice().isEmpty()) {
        connection.out().printf(Locale.ROOT, "     %-20s %s%n", "", finding.advice());
      }
    }
  }
}
