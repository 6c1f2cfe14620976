package io.escrowmq.storage.commitlog;

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

/** An open commitlog store. Thread-safe. */
final class CommitLogStorage implements Storage {

  private final Engine engine;
  private final Intake intake;
  private final Ownership ownership;
  private final MessageLog log;
  private final Escrow escrow;
  private final Tables tables;
  private final MessageIndex index;
  private final Maintenance maintenance;

  private CommitLogStorage(Engine engine, StorageSettings settings, StorageContext context) {
    this.engine = engine;
    this.intake = engine.intake();
    this.ownership = new TableOwnership(this, context.time());
    this.log = engine.log();
    this.escrow =
        new CommitLogEscrow(
            engine.views().holds(),
            engine.records(),
            context.time(),
            settings.decisionRetention(),
            engine.admission());
    this.tables = engine.views().tables();
    this.index = new CommitLogIndex(engine.views().keys(), log);
    this.maintenance = engine.maintenance();
  }

  /**
   * Opens a store, creating or recovering it as needed.
   *
   * @throws StorageException as {@link io.escrowmq.spi.storage.StorageProvider#open} says
   */
  static CommitLogStorage open(StorageSettings settings, StorageContext context) {
    if (settings.durability() == Durability.REPLICATED) {
      throw new IllegalArgumentException(
          "the commitlog engine has no replicas: choose durability written or durable");
    }
    return new CommitLogStorage(Engine.open(settings, context), settings, context);
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
      intake.submit(batch, receipt);
    } catch (StorageException refused) {
      receipt.completeExceptionally(refused);
    }
    return receipt;
  }

  @Override
  public MessageLog log() {
    return log;
  }

  @Override
  public Escrow escrow() {
    return escrow;
  }

  @Override
  public Tables tables() {
    return tables;
  }

  @Override
  public MessageIndex index() {
    return index;
  }

  @Override
  public Ownership ownership() {
    return ownership;
  }

  @Override
  public Maintenance maintenance() {
    return maintenance;
  }

  @Override
  public void close() {
    engine.close();
  }
}
