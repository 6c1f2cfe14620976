package io.escrowmq.node;

import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.Mishap;
import io.escrowmq.spi.storage.Ownership;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Passes everything on, so that a test changes only what it is about. */
class WrappedStorage implements Storage {

  private final Storage storage;

  WrappedStorage(Storage storage) {
    this.storage = storage;
  }

  @Override
  public Set<Capability> capabilities() {
    return storage.capabilities();
  }

  @Override
  public Set<Mishap> survives(Durability durability) {
    return storage.survives(durability);
  }

  @Override
  public CompletionStage<WriteReceipt> write(WriteBatch batch) {
    return storage.write(batch);
  }

  @Override
  public MessageLog log() {
    return storage.log();
  }

  @Override
  public Escrow escrow() {
    return storage.escrow();
  }

  @Override
  public Tables tables() {
    return storage.tables();
  }

  @Override
  public MessageIndex index() {
    return storage.index();
  }

  @Override
  public Ownership ownership() {
    return storage.ownership();
  }

  @Override
  public Maintenance maintenance() {
    return storage.maintenance();
  }

  @Override
  public void close() {
    storage.close();
  }
}
