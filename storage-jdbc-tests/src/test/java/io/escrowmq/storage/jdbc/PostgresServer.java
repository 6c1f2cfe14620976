package io.escrowmq.storage.jdbc;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/**
 * One PostgreSQL for all tests of a JVM, with a schema per store. It runs as root as well, because
 * the library that unpacks it starts it in a user name space then.
 */
final class PostgresServer {

  private static final String SETTINGS = "?user=postgres&currentSchema=";

  private PostgresServer() {}

  /** The URL of the schema that belongs to this store; the schema is created if need be. */
  static String urlFor(Path store) {
    byte[] path = store.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
    String schema = "s" + UUID.nameUUIDFromBytes(path).toString().replace("-", "");
    execute(Running.URL, "create schema if not exists " + schema);
    return Running.URL + schema;
  }

  /** Runs a statement as the database's administrator. */
  static void execute(String url, String sql) {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("the test database refused " + sql, e);
    }
  }

  /** Started by the first use. */
  private static final class Running {
    private static final String URL = start();

    private static String start() {
      try {
        EmbeddedPostgres server =
            EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("max_connections", "200")
                .start();
        return "jdbc:postgresql://localhost:" + server.getPort() + "/postgres" + SETTINGS;
      } catch (IOException e) {
        throw new UncheckedIOException("the embedded PostgreSQL does not start", e);
      }
    }
  }
}
