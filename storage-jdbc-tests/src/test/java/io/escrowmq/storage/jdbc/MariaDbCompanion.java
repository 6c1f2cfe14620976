package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.testkit.Companion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** An installed MariaDB on data in a given directory, for tests that run as root. */
final class MariaDbCompanion implements Companion {

  private final DoomedServer server;
  private final String flush;

  /**
   * A server that is not started yet.
   *
   * @param log where it says what it does
   * @param flush its {@code innodb_flush_log_at_trx_commit}
   */
  MariaDbCompanion(Path log, String flush) {
    this.server = new DoomedServer(log);
    this.flush = flush;
  }

  @Override
  public Map<String, String> start(Path directory, Map<String, String> environment)
      throws IOException {
    if (!Files.exists(directory)) {
      server.run(
          List.of(
              find("mariadb-install-db"),
              "--no-defaults",
              "--user=root",
              "--datadir=" + directory,
              "--auth-root-authentication-method=normal",
              "--skip-test-db"));
    }
    int port = DoomedServer.freePort();
    server.start(
        url(port, ""),
        environment,
        List.of(
            find("mariadbd"),
            "--no-defaults",
            "--user=root",
            "--datadir=" + directory,
            "--bind-address=127.0.0.1",
            "--port=" + port,
            "--socket=socket",
            "--pid-file=pid",
            "--max-allowed-packet=64M",
            "--innodb-log-file-size=16M",
            "--innodb-flush-log-at-trx-commit=" + flush));
    try (Connection connection = DriverManager.getConnection(url(port, ""));
        Statement statement = connection.createStatement()) {
      statement.execute("create database if not exists mq");
    } catch (SQLException e) {
      throw new IOException("the database refuses to create a database", e);
    }
    return Map.of("url", url(port, "mq"), "own-timeout-ms", "3000", "retention-interval-ms", "0");
  }

  @Override
  public void kill() {
    server.kill();
  }

  private static String url(int port, String database) {
    return "jdbc:mariadb://127.0.0.1:" + port + "/" + database + "?user=root";
  }

  private static String find(String program) {
    return Stream.of("/usr/sbin", "/usr/bin", "/usr/libexec", "/usr/local/sbin", "/usr/local/bin")
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "no " + program + " found; install it: apt-get install mariadb-server"))
        .toString();
  }
}
