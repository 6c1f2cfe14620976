package io.escrowmq.dev.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A PostgreSQL server on a free port of the loopback address, with data in a temporary folder,
 * syncing as a real one does. It runs as root too: the library that unpacks it then starts it in a
 * user name space of its own. Thread-safe.
 */
public final class DevPostgres implements AutoCloseable {

  private static final String USER = "postgres";

  private final EmbeddedPostgres server;
  private final long postmaster;

  private DevPostgres(EmbeddedPostgres server) {
    this.server = server;
    this.postmaster = postmaster(server.getPort());
  }

  /** Starts a server; a few seconds, the first time longer. */
  public static DevPostgres start() {
    try {
      return new DevPostgres(
          EmbeddedPostgres.builder()
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("max_connections", "200")
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException("the PostgreSQL for development does not start", e);
    }
  }

  /**
   * JDBC URL of a schema, which is created if it does not exist.
   *
   * @param schema lower-case letters, digits and underscores
   */
  public String url(String schema) {
    String url =
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=%s&currentSchema="
            .formatted(server.getPort(), USER);
    try (Connection connection = DriverManager.getConnection(url + "public");
        Statement statement = connection.createStatement()) {
      statement.execute("create schema if not exists " + schema);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot create the schema " + schema, e);
    }
    return url + schema;
  }

  /**
   * Lets the server crash as it does when one of its processes is killed: it drops every connection
   * and everything in its memory, and recovers from its log.
   */
  public void crash() {
    List<Long> writers =
        pids("select pid from pg_stat_activity where application_name = 'escrowmq-writer'");
    List<Long> victims =
        writers.isEmpty()
            ? pids("select pid from pg_stat_activity where backend_type = 'background writer'")
            : writers;
    signal("KILL", List.of(victims.getFirst()));
  }

  /** Stops every process of the server in its tracks: connections stay open, nothing answers. */
  public void pause() {
    signal("STOP", processes());
  }

  /** Lets a paused server go on. */
  public void resume() {
    signal("CONT", processes());
  }

  private List<Long> processes() {
    List<Long> all = new ArrayList<>(List.of(postmaster));
    ProcessHandle.of(postmaster)
        .ifPresent(parent -> parent.descendants().map(ProcessHandle::pid).forEach(all::add));
    return all;
  }

  private List<Long> pids(String sql) {
    return query(server.getPort(), sql, row -> row.getLong(1));
  }

  private interface RowMapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  private static <T> List<T> query(int port, String sql, RowMapper<T> mapper) {
    String url = "jdbc:postgresql://127.0.0.1:%d/postgres?user=%s".formatted(port, USER);
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<T> found = new ArrayList<>();
      while (row.next()) {
        found.add(mapper.map(row));
      }
      return found;
    } catch (SQLException e) {
      throw new IllegalStateException("the PostgreSQL for development refused " + sql, e);
    }
  }

  /** The number of the server's first process, which the server itself wrote down. */
  private static long postmaster(int port) {
    String directory = query(port, "show data_directory", row -> row.getString(1)).getFirst();
    try {
      return Long.parseLong(Files.readAllLines(Path.of(directory, "postmaster.pid")).getFirst());
    } catch (IOException e) {
      throw new UncheckedIOException("who serves " + directory + " cannot be found out", e);
    }
  }

  private static void signal(String name, List<Long> pids) {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    pids.forEach(pid -> command.add(pid.toString()));
    try {
      // A process that ended just now is none that could do harm.
      int _ = new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot send SIG" + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the PostgreSQL for development does not stop", e);
    }
  }

  /** Runs a server until SIGTERM; the first line of the output is its JDBC URL. */
  public static void main(String[] arguments) throws InterruptedException {
    DevPostgres postgres = start();
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(postgres::close));
    System.out.println(postgres.url("escrowmq"));
    System.out.flush();
    new CountDownLatch(1).await();
  }
}
