package io.escrowmq.samples.bank;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.HexFormat;
import org.h2.tools.Server;

/**
 * The database server of the demo: two H2 files, one for each service, reachable over the loopback
 * address so that several processes can use them, as in real life.
 */
final class Databases implements AutoCloseable {
  private final Server server;
  private final Access debit;
  private final Access credit;

  private Databases(Server server, String password) {
    this.server = server;
    this.debit = new Access(url(server, "debit"), password);
    this.credit = new Access(url(server, "credit"), password);
  }

  /**
   * How to reach one database.
   *
   * @param url JDBC URL
   * @param password of the user {@code bank}
   */
  record Access(String url, String password) {
    HikariDataSource connect(int connections) {
      HikariConfig config = new HikariConfig();
      config.setJdbcUrl(url);
      config.setUsername("bank");
      config.setPassword(password);
      config.setMaximumPoolSize(connections);
      return new HikariDataSource(config);
    }
  }

  static Databases start(Path directory) throws SQLException {
    byte[] secret = new byte[16];
    new SecureRandom().nextBytes(secret);
    System.setProperty(
        "h2.bindAddress", "127.0.0.1"); // H2 has no other way to keep off the network.
    Server server =
        Server.createTcpServer(
            "-tcpPort", "0", "-baseDir", directory.toString(), "-ifNotExists", "-tcpDaemon");
    server.start();
    return new Databases(server, HexFormat.of().formatHex(secret));
  }

  private static String url(Server server, String name) {
    // Lock time-out: how long a check-back waits for a local transaction in flight before it
    // answers "unknown".
    return "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/./" + name + ";LOCK_TIMEOUT=5000";
  }

  Access debit() {
    return debit;
  }

  Access credit() {
    return credit;
  }

  @Override
  public void close() {
    server.stop();
  }
}
