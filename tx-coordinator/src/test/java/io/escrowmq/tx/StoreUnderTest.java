package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.testkit.InMemoryStorage;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A store that can be restarted: on the engine whose {@link StorageProvider#id()} is given, or on a
 * database of the relational one. Tests that do not choose take the one in the system property
 * {@code escrowmq.tx.storage}; without it the in-memory reference engine.
 */
final class StoreUnderTest implements AutoCloseable {

  /** The engine of all tests that do not choose one. */
  static final String CHOSEN = System.getProperty("escrowmq.tx.storage", "memory");

  static final String COMMITLOG = "commitlog";

  private static final String H2 = "h2";
  private static final String POSTGRESQL = "postgresql";

  /** Small segments, so that the tests cross their borders. */
  private static final Map<String, String> COMMITLOG_OPTIONS =
      Map.of(
          "segment-bytes", Long.toString(8L << 20), "first-segment-bytes", Long.toString(8L << 20));

  /** Enough of a body to know it by. */
  private static final int SIGNATURE_BYTES = 64;

  private final String engine;
  private final StorageContext context;
  private final StorageSettings settings;
  private final Path directory;
  private final StorageProvider provider;
  private Storage storage;

  StoreUnderTest(TimeSource time, String engine) {
    try {
      directory = Files.createTempDirectory("escrowmq-tx");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.engine = engine;
    context = new StorageContext(time, Disk.real());
    settings =
        new StorageSettings(
            directory,
            Durability.DURABLE,
            StorageSettings.DEFAULT_DECISION_RETENTION,
            RetentionPolicy.DEFAULT,
            options(engine));
    provider = provider(Set.of(H2, POSTGRESQL).contains(engine) ? "jdbc" : engine);
    storage = provider.open(settings, context);
  }

  Storage storage() {
    return storage;
  }

  /** What a restart of the server does. */
  void restart() {
    if (storage instanceof InMemoryStorage memory) {
      storage = memory.reopen(settings, context);
    } else {
      storage.close();
      storage = provider.open(settings, context);
    }
  }

  /**
   * How often the body was written to the disk since the store was made; on engines that do not
   * keep what they wrote as it was, the written bytes in bodies.
   *
   * @param body bytes that do not shrink when they are compressed
   */
  double written(byte[] body) {
    return switch (engine) {
      case H2 -> (double) sizeOfFiles() / body.length;
      case POSTGRESQL -> (double) RunningPostgres.writtenBytes() / body.length;
      default -> copies(Arrays.copyOf(body, SIGNATURE_BYTES));
    };
  }

  private long sizeOfFiles() {
    return files().stream().map(Path::toFile).mapToLong(File::length).sum();
  }

  private int copies(byte[] signature) {
    String wanted = new String(signature, ISO_8859_1);
    int found = 0;
    for (Path file : files()) {
      try {
        String all = Files.readString(file, ISO_8859_1);
        for (int at = all.indexOf(wanted); at >= 0; at = all.indexOf(wanted, at + 1)) {
          found++;
        }
      } catch (NoSuchFileException merged) {
        // The engine made one file of several meanwhile.
        return copies(signature);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }

  private List<Path> files() {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    storage.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, String> options(String engine) {
    return switch (engine) {
      case COMMITLOG -> COMMITLOG_OPTIONS;
      case H2 -> Map.of("url", "jdbc:h2:file:" + directory.resolve("database"));
      case POSTGRESQL -> Map.of("url", RunningPostgres.schemaOf(directory));
      default -> Map.of();
    };
  }

  private static StorageProvider provider(String id) {
    return ServiceLoader.load(StorageProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no engine " + id + " on the class path"));
  }

  /** One server for all tests of a JVM, started by the first use; it ends with the JVM. */
  private static final class RunningPostgres {
    private static final DevPostgres SERVER = DevPostgres.start();

    private static String schemaOf(Path directory) {
      UUID name = UUID.nameUUIDFromBytes(directory.toString().getBytes(UTF_8));
      return SERVER.url("s" + name.toString().replace("-", ""));
    }

    /** The bytes of the server's log so far. */
    private static long writtenBytes() {
      try (Connection connection = DriverManager.getConnection(SERVER.url("public"));
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")) {
        row.next();
        return row.getLong(1);
      } catch (SQLException e) {
        throw new IllegalStateException("PostgreSQL does not say how much it wrote", e);
      }
    }
  }
}
