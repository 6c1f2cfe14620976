package io.escrowmq.storage.rocksdb;

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
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TableOwnership;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** An open RocksDB store. Thread-safe. */
final class RocksDbStorage implements Storage {

  private final Engine engine;
  private final Ownership ownership;

  private RocksDbStorage(Engine engine, StorageContext context) {
    this.engine = engine;
    this.ownership = new TableOwnership(this, context.time());
  }

  /**
   * Opens a store, creating or recovering it as needed.
   *
   * @throws StorageException as {@link io.escrowmq.spi.storage.StorageProvider#open} says
   */
  static RocksDbStorage open(StorageSettings settings, StorageContext context) {
    return open(settings, context, UnaryOperator.identity());
  }

  /** Opens a store whose groups pass through something on their way, for tests. */
  static RocksDbStorage open(
      StorageSettings settings, StorageContext context, UnaryOperator<GroupSink> detour) {
    if (settings.durability() == Durability.REPLICATED) {
      throw new IllegalArgumentException(
          "the rocksdb engine has no replicas: choose durability written or durable");
    }
    return new RocksDbStorage(Engine.open(settings, context, detour), context);
  }

  /** The parts, for tests. */
  Engine engine() {
    return engine;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.PUSH_NOTIFICATIONS);
  }

  @Override
  public Set<Mishap> survives(Durability durability) {
    return switch (durability) {
      case WRITTEN -> Set.of(Mishap.SERVER_KILL);
      case DURABLE -> Set.of(Mishap.SERVER_KILL, Mishap.POWER_CUT);
      case REPLICATED -> Set.of();
    };
  }

  @Override
  public CompletionStage<WriteReceipt> write(WriteBatch batch) {
    CompletableFuture<WriteReceipt> receipt = new CompletableFuture<>();
    try {
      engine.intake().submit(batch, receipt);
    } catch (StorageException refused) {
      receipt.completeExceptionally(refused);
    }
    return receipt;
  }

  @Override
  public MessageLog log() {
    return engine.log();
  }

  @Override
  public Escrow escrow() {
    return engine.escrow();
  }

  @Override
  public Tables tables() {
    return engine.tables();
  }

  @Override
  public MessageIndex index() {
    return engine.index();
  }

  @Override
  public Ownership ownership() {
    return ownership;
  }

  @Override
  public Maintenance maintenance() {
    return engine.maintenance();
  }

  @Override
  public void close() {
    engine.close();
  }
}
