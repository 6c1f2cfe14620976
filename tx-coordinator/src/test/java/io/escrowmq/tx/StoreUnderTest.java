package io.escrowmq.tx;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.testkit.InMemoryStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * A store that can be restarted. The engine is the one whose {@link StorageProvider#id()} is in the
 * system property {@code escrowmq.tx.storage}; without it the in-memory reference engine.
 */
final class StoreUnderTest implements AutoCloseable {

  /** The engine of all tests that do not choose one. */
  static final String CHOSEN = System.getProperty("escrowmq.tx.storage", "memory");

  static final String COMMITLOG = "commitlog";

  /** Small segments, so that the tests cross their borders. */
  private static final Map<String, String> COMMITLOG_OPTIONS =
      Map.of(
          "segment-bytes", Long.toString(8L << 20), "first-segment-bytes", Long.toString(8L << 20));

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
    context = new StorageContext(time, Disk.real());
    settings =
        new StorageSettings(
            directory,
            Durability.DURABLE,
            StorageSettings.DEFAULT_DECISION_RETENTION,
            RetentionPolicy.DEFAULT,
            engine.equals(COMMITLOG) ? COMMITLOG_OPTIONS : Map.of());
    provider = provider(engine);
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

  private static StorageProvider provider(String id) {
    return ServiceLoader.load(StorageProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no engine " + id + " on the class path"));
  }
}
