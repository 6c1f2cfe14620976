package io.escrowmq.tx;

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

/** Another store with something changed on the way. */
class ForwardingStorage implements Storage {

  private final Storage inner;

  ForwardingStorage(Storage inner) {
    this.inner = inner;
  }

  @Override
  public Set<Capability> capabilities() {
    return inner.capabilities();
  }

  @Override
  public Set<Mishap> survives(Durability durability) {
    return inner.survives(durability);
  }

  @Override
  public CompletionStage<WriteReceipt> write(WriteBatch batch) {
    return inner.write(batch);
  }

  @Override
  public MessageLog log() {
    return inner.log();
  }

  @Override
  public Escrow escrow() {
    return inner.escrow();
  }

  @Override
  public Tables tables() {
    return inner.tables();
  }

  @Override
  public MessageIndex index() {
    return inner.index();
  }

  @Override
  public Ownership ownership() {
    return inner.ownership();
  }

  @Override
  public Maintenance maintenance() {
    return inner.maintenance();
  }

  @Override
  public void close() {
    inner.close();
  }
}
