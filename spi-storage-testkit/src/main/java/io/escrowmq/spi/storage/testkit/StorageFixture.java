package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One store of the engine under test, and the world around it. Not thread-safe. */
public final class StorageFixture implements AutoCloseable {

  private final EngineUnderTest engine;
  private final Path directory;
  private ManualTimeSource time = new ManualTimeSource();
  private Disk disk = Disk.real();
  private UnaryOperator<StorageSettings> overrides = UnaryOperator.identity();
  private @Nullable Storage storage;

  /** A fixture whose store is not open yet. */
  public StorageFixture(EngineUnderTest engine, Path directory) {
    this.engine = engine;
    this.directory = directory;
  }

  /** Reads another fixture's clock from the next {@link #open()} on. */
  public StorageFixture clock(ManualTimeSource clock) {
    this.time = clock;
    return this;
  }

  /** Uses this disk from the next {@link #open()} on. */
  public StorageFixture disk(Disk disk) {
    this.disk = disk;
    return this;
  }

  /** Changes the settings from the next {@link #open()} on. */
  public StorageFixture settings(UnaryOperator<StorageSettings> overrides) {
    this.overrides = overrides;
    return this;
  }

  /** Opens the store. */
  public Storage open() {
    close();
    StorageSettings defaults = StorageSettings.defaults(directory);
    StorageSettings settings =
        new StorageSettings(
            directory,
            defaults.durability(),
            defaults.decisionRetention(),
            defaults.retention(),
            engine.options(directory));
    Storage opened =
        engine.provider().open(overrides.apply(settings), new StorageContext(time, disk));
    storage = opened;
    return opened;
  }

  /** Closes the store and opens it again. */
  public Storage reopen() {
    return open();
  }

  /** The open store. */
  public Storage storage() {
    if (storage == null) {
      throw new IllegalStateException("the fixture's store is not open: call open() first");
    }
    return storage;
  }

  /** The clock that the store reads. */
  public ManualTimeSource time() {
    return time;
  }

  /** Where the store lives. */
  public Path directory() {
    return directory;
  }

  /** Closes the store if it is open. */
  @Override
  public void close() {
    Storage open = storage;
    storage = null;
    if (open != null) {
      open.close();
    }
  }
}
