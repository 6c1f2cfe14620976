package io.escrowmq.server;

import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.Mishap;
import io.escrowmq.spi.storage.Ownership;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.spi.storage.testkit.InMemoryStorageProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * An engine that goes read-only as soon as a file {@code poison} lies in its directory, refuses to
 * open a directory with a file {@code corrupt}, and behaves like the in-memory engine otherwise.
 */
public final class FragileStorageProvider implements StorageProvider {

  static final String ID = "fragile";
  static final String REASON = "a sync failed: injected";

  /** For {@link java.util.ServiceLoader}. */
  public FragileStorageProvider() {}

  static Path directory(Path dataDir) {
    return dataDir.resolve(ID);
  }

  static void poison(Path dataDir) throws IOException {
    Files.createDirectories(directory(dataDir));
    Files.createFile(directory(dataDir).resolve("poison"));
  }

  static void corrupt(Path dataDir) throws IOException {
    Files.createDirectories(directory(dataDir));
    Files.createFile(directory(dataDir).resolve("corrupt"));
  }

  @Override
  public String id() {
    return ID;
  }

  @Override
  public Storage open(StorageSettings settings, StorageContext context) {
    if (Files.exists(settings.directory().resolve("corrupt"))) {
      throw new StorageException.Corrupt("segment 7 has a bad checksum at 4096");
    }
    return new FragileStorage(
        new InMemoryStorageProvider().open(settings, context),
        settings.directory().resolve("poison"));
  }

  private record FragileStorage(Storage memory, Path poison) implements Storage {

    @Override
    public CompletionStage<WriteReceipt> write(WriteBatch batch) {
      return memory.write(batch);
    }

    @Override
    public Set<Capability> capabilities() {
      return memory.capabilities();
    }

    @Override
    public Set<Mishap> survives(Durability durability) {
      return memory.survives(durability);
    }

    @Override
    public MessageLog log() {
      return memory.log();
    }

    @Override
    public Escrow escrow() {
      return memory.escrow();
    }

    @Override
    public Tables tables() {
      return memory.tables();
    }

    @Override
    public MessageIndex index() {
      return memory.index();
    }

    @Override
    public Ownership ownership() {
      return memory.ownership();
    }

    @Override
    public Maintenance maintenance() {
      return new FragileMaintenance(memory.maintenance(), poison);
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  private record FragileMaintenance(Maintenance memory, Path poison) implements Maintenance {

    @Override
    public StorageHealth health() {
      return Files.exists(poison)
          ? new StorageHealth(
              StorageHealth.State.READ_ONLY, REASON, "Replace the disk and restart the server.")
          : memory.health();
    }

    @Override
    public void retain() {
      memory.retain();
    }

    @Override
    public void checkpoint() {
      memory.checkpoint();
    }

    @Override
    public Verification verify() {
      return memory.verify();
    }

    @Override
    public Map<String, Long> statistics() {
      return memory.statistics();
    }
  }
}
