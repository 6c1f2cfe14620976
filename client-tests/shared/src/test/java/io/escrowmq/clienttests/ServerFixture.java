package io.escrowmq.clienttests;

import io.escrowmq.dev.mariadb.DevMariaDb;
import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.server.process.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The server under test. {@link #shared()} gives all classes of the module the same one; {@link
 * #own(String...)} gives a class a server that it may kill.
 *
 * <p>The server is the jar named by the system property {@code escrowmq.server.jar}, as a child
 * process, with its data and its log under {@code target/servers}. With {@code escrowmq.test.address}
 * the shared one is whatever name server answers there.
 */
final class ServerFixture implements BeforeAllCallback, AfterAllCallback {
  private static final String ADDRESS = "escrowmq.test.address";
  private static final String JAR = "escrowmq.server.jar";

  private static final List<String> SETTINGS =
      List.of(
          "--escrowmq.transactions.check-first=2s", "--escrowmq.transactions.check-interval=3s");

  /**
   * More settings of the server, separated by blanks, for example another storage engine. {@code
   * {data}} stands for the server's own folder, {@code {postgres}} and {@code {mariadb}} for a schema
   * of its own.
   */
  private static final String MORE_SETTINGS = "escrowmq.test.settings";

  private final boolean shared;
  private final List<String> ownSettings;
  private ServerProcess process;
  private Path folder;
  private String nameServer;

  private ServerFixture(boolean shared, List<String> ownSettings) {
    this.shared = shared;
    this.ownSettings = ownSettings;
  }

  static ServerFixture shared() {
    return new ServerFixture(true, List.of());
  }

  /** With these settings besides those that all have. */
  static ServerFixture own(String... settings) {
    return new ServerFixture(false, List.of(settings));
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    String address = System.getProperty(ADDRESS, "");
    if (shared && !address.isEmpty()) {
      nameServer = address;
      return;
    }
    if (shared) {
      process =
          context
              .getRoot()
              .getStore(ExtensionContext.Namespace.create(ServerFixture.class))
              .computeIfAbsent("server", key -> new Running(start(newFolder("shared"), List.of())), Running.class)
              .process();
    } else {
      folder = newFolder(context.getRequiredTestClass().getSimpleName());
      process = start(folder, ownSettings);
    }
    nameServer = process.nameServer();
  }

  private static ServerProcess start(Path folder, List<String> more) {
    Path jar = Path.of(System.getProperty(JAR, "")).toAbsolutePath().normalize();
    if (!Files.isRegularFile(jar)) {
      throw new AssertionError(
          "No server to test: the system property "
              + JAR
              + " names '"
              + jar
              + "', which is not a file. Build the server first.");
    }
    return ServerProcess.startQuickly(jar, folder.resolve("data"), settings(folder, more));
  }

  private static Path newFolder(String name) {
    try {
      Path servers = Files.createDirectories(Path.of("target", "servers"));
      return Files.createTempDirectory(servers.toAbsolutePath(), name + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> settings(Path folder, List<String> more) {
    List<String> settings = new ArrayList<>(SETTINGS);
    for (String setting : System.getProperty(MORE_SETTINGS, "").split(" ", -1)) {
      if (!setting.isEmpty()) {
        settings.add(resolved(setting, folder));
      }
    }
    settings.addAll(more);
    return settings;
  }

  private static String resolved(String setting, Path folder) {
    if (setting.contains("{postgres}")) {
      return setting.replace("{postgres}", Database.POSTGRES.url(schemaOf(folder)));
    }
    if (setting.contains("{mariadb}")) {
      return setting.replace("{mariadb}", MariaDb.SERVER.url(schemaOf(folder)));
    }
    return setting.replace("{data}", folder.resolve("data").toString());
  }

  private static String schemaOf(Path folder) {
    return "s" + folder.getFileName().toString().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
  }

  /** One PostgreSQL for all tests of a JVM, started by the first use; it ends with the JVM. */
  private static final class Database {
    static final DevPostgres POSTGRES = DevPostgres.start();
  }

  /** The same with MariaDB, which the machine must have. */
  private static final class MariaDb {
    static final DevMariaDb SERVER = DevMariaDb.start();
  }

  /** The shared server: stopped with SIGTERM when the last class is done. */
  private record Running(ServerProcess process) implements AutoCloseable {
    @Override
    public void close() {
      process.stop();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (!shared && process != null) {
      process.stop();
    }
  }

  /** The name server's {@code host:port}. */
  String nameServer() {
    return nameServer;
  }

  /** Kills an own server with SIGKILL. */
  void kill() {
    owned().kill();
  }

  /** Stops an own server as an operator does, and starts it again. */
  void stopAndStart() {
    owned().stop();
    owned().restart();
  }

  /** The same, with these settings of its own from now on. */
  void stopAndStartWith(String... settings) {
    owned().stop();
    owned().restart(settings(folder, List.of(settings)));
  }

  /** Starts a killed server again, on the same data and the same ports. */
  void restart() {
    owned().restart();
  }

  /** The last lines that an own server printed. */
  String logTail() {
    return owned().logTail();
  }

  private ServerProcess owned() {
    if (shared) {
      throw new IllegalStateException(
          "Other tests use this server; a test that kills takes ServerFixture.own().");
    }
    return process;
  }
}
