package io.escrowmq.tx;

import io.escrowmq.spi.storage.Disk;
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
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * A store that can be restarted. The engine is the one whose {@link StorageProvider#id()} is in the
 * system property {@code escrowmq.tx.storage}; without it the in-memory reference engine.
 */
final class StoreUnderTest implements AutoCloseable {

  private static final String PROPERTY = "escrowmq.tx.storage";
  private static final String MEMORY = "memory";

  private final StorageContext context;
  private final StorageSettings settings;
  private final Path directory;
  private Storage storage;

  StoreUnderTest(TimeSource time) {
    this(time, System.getProperty(PROPERTY, MEMORY));
  }

  StoreUnderTest(TimeSource time, String engine) {
    try {
      directory = Files.createTempDirectory("escrowmq-tx");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    context = new StorageContext(time, Disk.real());
    settings = StorageSettings.defaults(directory);
    storage = provider(engine).open(settings, context);
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
      storage = provider(System.getProperty(PROPERTY, MEMORY)).open(settings, context);
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
