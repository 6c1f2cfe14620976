package io.escrowmq.dev.mariadb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A MariaDB server on a free port of the loopback address, with data in a folder of its own,
 * syncing each commit as a real one does. Its administrator is {@code root} without a password. It
 * ends with the JVM at the latest. Not thread-safe, but for {@link #url(String)}.
 */
public final class DevMariaDb implements AutoCloseable {

  private static final long START_DEADLINE_MS = 60_000;
  private static final long STOP_DEADLINE_MS = 60_000;
  private static final long POLL_MS = 50;

  private final Binaries binaries;
  private final Path folder;
  private final Path log;
  private final int port;
  private final Thread atExit;
  private Process process;

  private DevMariaDb(Binaries binaries, Path folder) throws IOException {
    this.binaries = binaries;
    this.folder = folder;
    this.log = folder.resolve("mariadbd.log");
    this.port = freePort();
    install();
    this.process = launch();
    this.atExit = Thread.ofPlatform().unstarted(this::end);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts a server; about two seconds.
   *
   * @throws IllegalStateException if the machine has no MariaDB, with what to install, or if it
   *     does not start
   */
  public static DevMariaDb start() {
    Binaries binaries = Binaries.find();
    try {
      DevMariaDb server = new DevMariaDb(binaries, Files.createTempDirectory("escrowmq-mariadb-"));
      server.awaitReady();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("the MariaDB for tests does not start", e);
    }
  }

  /**
   * JDBC URL of a database, which is created if it does not exist.
   *
   * @param database lower-case letters, digits and underscores
   */
  public String url(String database) {
    try (Connection connection = DriverManager.getConnection(serverUrl(""));
        Statement statement = connection.createStatement()) {
      statement.execute("create database if not exists " + database);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot create the database " + database, e);
    }
    return serverUrl(database);
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

  /** Starts again on the same data and port, after {@link #kill()} or {@link #stop()}. */
  public void restart() {
    try {
      process = launch();
      awaitReady();
    } catch (IOException e) {
      throw new UncheckedIOException("the MariaDB for tests does not start again", e);
    }
  }

  /** Ends the server and deletes its data. */
  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    end();
  }

  /** Runs a server until SIGTERM; the first line of the output is its JDBC URL. */
  public static void main(String[] arguments) throws InterruptedException {
    DevMariaDb server = start();
    System.out.println(server.url("escrowmq"));
    System.out.flush();
    new CountDownLatch(1).await();
  }

  private void end() {
    kill();
    deleteFolder();
  }

  private String serverUrl(String database) {
    return "jdbc:mariadb://127.0.0.1:" + port + "/" + database + "?user=root";
  }

  private void install() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(binaries.installer().toString());
    command.add("--no-defaults");
    command.add("--datadir=" + data());
    command.add("--auth-root-authentication-method=normal");
    command.add("--skip-test-db");
    command.add("--user=" + System.getProperty("user.name"));
    Process installer = started(command);
    if (await(installer, START_DEADLINE_MS) != 0) {
      throw new IllegalStateException("mariadb-install-db failed:\n" + Files.readString(log));
    }
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(binaries.server().toString());
    command.add("--no-defaults");
    command.add("--user=" + System.getProperty("user.name"));
    command.add("--datadir=" + data());
    command.add("--bind-address=127.0.0.1");
    command.add("--port=" + port);
    // Relative to the data, because the name of a socket is short.
    command.add("--socket=socket");
    command.add("--pid-file=pid");
    command.add("--max-connections=200");
    command.add("--max-allowed-packet=64M");
    command.add("--innodb-flush-log-at-trx-commit=1");
    return started(command);
  }

  private Process started(List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private void awaitReady() throws IOException {
    for (long waitedMs = 0; waitedMs < START_DEADLINE_MS; waitedMs += POLL_MS) {
      if (answers()) {
        return;
      }
      if (await(process, POLL_MS) >= 0) {
        break;
      }
    }
    String reason = Files.readString(log);
    process.destroyForcibly();
    throw new IllegalStateException("the MariaDB for tests does not start:\n" + reason);
  }

  private boolean answers() {
    try (Connection connection = DriverManager.getConnection(serverUrl(""))) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  private void awaitExit() {
    if (await(process, STOP_DEADLINE_MS) < 0) {
      throw new IllegalStateException("mariadbd does not end");
    }
  }

  /** The exit code, or -1 if it did not end in time. */
  private static int await(Process process, long timeoutMs) {
    try {
      return process.waitFor(timeoutMs, TimeUnit.MILLISECONDS) ? process.exitValue() : -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  private Path data() {
    return folder.resolve("data");
  }

  private void deleteFolder() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
