package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.testkit.Companion;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A PostgreSQL of our own in a given directory, started without the library that unpacks it: that
 * cannot give its processes an environment, nor kill them. For tests that run as root; the server
 * is put into a user name space, because it refuses root, and into an IPC name space, which takes
 * its shared memory along when it is killed. Not thread-safe.
 */
final class PostgresCompanion implements Companion {

  private final DoomedServer server;

  /** A server that says into this file what it does. */
  PostgresCompanion(Path log) {
    this.server = new DoomedServer(log);
  }

  @Override
  public Map<String, String> start(Path directory, Map<String, String> environment)
      throws IOException {
    if (!Files.exists(directory.resolve("PG_VERSION"))) {
      server.run(
          program("initdb", directory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"));
    }
    int port = DoomedServer.freePort();
    String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
    server.start(
        url,
        environment,
        program(
            "postgres",
            directory,
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
            "shared_buffers=16MB"));
    return Map.of("url", url, "own-timeout-ms", "3000", "retention-interval-ms", "0");
  }

  @Override
  public void kill() {
    server.kill();
  }

  private static List<String> program(String name, Path directory, String... more) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("unshare", "-U", "-i", Binaries.DIRECTORY.resolve(name).toString()));
    command.addAll(List.of("-D", directory.toString()));
    command.addAll(List.of(more));
    return command;
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
