package io.escrowmq.dev.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;

/**
 * A PostgreSQL server on a free port of the loopback address, with data in a temporary folder,
 * syncing as a real one does. It runs as root too: the library that unpacks it then starts it in a
 * user name space of its own. Thread-safe.
 */
public final class DevPostgres implements AutoCloseable {

  private static final String USER = "postgres";

  private final EmbeddedPostgres server;

  private DevPostgres(EmbeddedPostgres server) {
    this.server = server;
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
