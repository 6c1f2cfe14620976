package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.testkit.Companion;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL of our own in a given directory, started without the library that unpacks it: that
 * cannot give its processes an environment, nor kill them. For tests that run as root; the server
 * is put into a user name space, because it refuses root. Not thread-safe.
 */
final class PostgresCompanion implements Companion {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** In {@code postmaster.pid}: key and id of a piece of shared memory that outlives a kill. */
  private static final int SHARED_MEMORY_LINE = 6;

  private final Path log;
  private @Nullable Process server;
  private String sharedMemory = "";

  /** A server that says into this file what it does. */
  PostgresCompanion(Path log) {
    this.log = log;
  }

  @Override
  public Map<String, String> start(Path directory, Map<String, String> environment)
      throws IOException {
    if (!Files.exists(directory.resolve("PG_VERSION"))) {
      create(directory);
    }
    int port = freePort();
    ProcessBuilder command =
        new ProcessBuilder(
            "unshare",
            "-U",
            Binaries.DIRECTORY.resolve("postgres").toString(),
            "-D",
            directory.toString(),
            "-p",
            Integer.toString(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "dynamic_shared_memory_type=mmap",
            "-c",
            "max_wal_size=64MB",
            "-c",
            "shared_buffers=16MB");
    command.environment().putAll(environment);
    Process started =
        command
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    server = started;
    String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
    awaitAnswer(started, url);
    sharedMemory = Files.readAllLines(directory.resolve("postmaster.pid")).get(SHARED_MEMORY_LINE);
    return Map.of("url", url, "own-timeout-ms", "3000", "retention-interval-ms", "0");
  }

  private void create(Path directory) throws IOException {
    run(
        "unshare",
        "-U",
        Binaries.DIRECTORY.resolve("initdb").toString(),
        "-D",
        directory.toString(),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync");
  }

  private void awaitAnswer(Process started, String url) throws IOException {
    Awaitility.await("PostgreSQL answers")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !started.isAlive() || answers(url));
    if (!started.isAlive()) {
      List<String> lines = Files.readAllLines(log);
      throw new IOException(
          "PostgreSQL does not start: "
              + lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }
  }

  private static boolean answers(String url) {
    try {
      DriverManager.getConnection(url).close();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  @Override
  public void kill() {
    Process running = server;
    if (running == null) {
      return;
    }
    server = null;
    List<ProcessHandle> all =
        Stream.concat(Stream.of(running.toHandle()), running.descendants()).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    Awaitility.await("PostgreSQL is gone")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
    if (!sharedMemory.isBlank()) {
      try {
        run("ipcrm", "-m", sharedMemory.strip().split(" +", -1)[1]);
      } catch (IOException e) {
        throw new UncheckedIOException("shared memory of the killed PostgreSQL is left", e);
      }
      sharedMemory = "";
    }
  }

  private void run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(
            String.join(" ", command) + " failed; it said: " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during " + command[0], e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Unpacked by starting it once the usual way. */
  private static final class Binaries {
    static final Path DIRECTORY = find();

    private static Path find() {
      try (EmbeddedPostgres usual = EmbeddedPostgres.builder().start();
          Connection connection = usual.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("select setting from pg_config where name = 'BINDIR'")) {
        row.next();
        return Path.of(row.getString(1));
      } catch (IOException e) {
        throw new UncheckedIOException("the embedded PostgreSQL does not start", e);
      } catch (SQLException e) {
        throw new IllegalStateException("the embedded PostgreSQL does not say where it is", e);
      }
    }
  }
}
