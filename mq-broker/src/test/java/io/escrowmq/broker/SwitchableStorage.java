package io.escrowmq.broker;

import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.Mishap;
import io.escrowmq.spi.storage.Ownership;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store whose writes can be made to fail or to wait, and which may keep arrivals to itself. */
final class SwitchableStorage implements Storage {

  private final Storage real;
  private final Set<Capability> capabilities;
  private final List<Runnable> waiting = new ArrayList<>();
  private volatile StorageException failure;
  private volatile boolean slow;

  SwitchableStorage(Storage real, Set<Capability> capabilities) {
    this.real = real;
    this.capabilities = capabilities;
  }

  /** Every write fails from now on, without effect; null: they work again. */
  void failWith(StorageException failure) {
    this.failure = failure;
  }

  /** Writes take effect only at {@link #goOn}. */
  void hold() {
    slow = true;
  }

  /** What waited happens, and nothing waits any more. */
  void goOn() {
    List<Runnable> all;
    synchronized (waiting) {
      slow = false;
      all = List.copyOf(waiting);
      waiting.clear();
    }
    all.forEach(Runnable::run);
  }

  @Override
  public Set<Capability> capabilities() {
    return capabilities;
  }

  @Override
  public Set<Mishap> survives(Durability durability) {
    return real.survives(durability);
  }

  @Override
  public CompletionStage<WriteReceipt> write(WriteBatch batch) {
    if (failure != null) {
      return CompletableFuture.failedFuture(failure);
    }
    synchronized (waiting) {
      if (!slow) {
        return real.write(batch);
      }
      CompletableFuture<WriteReceipt> later = new CompletableFuture<>();
      waiting.add(() -> real.write(batch).thenAccept(later::complete));
      return later;
    }
  }

  @Override
  public MessageLog log() {
    return real.log();
  }

  @Override
  public Escrow escrow() {
    return real.escrow();
  }

  @Override
  public Tables tables() {
    return real.tables();
  }

  @Override
  public MessageIndex index() {
    return real.index();
  }

  @Override
  public Ownership ownership() {
    return real.ownership();
  }

  @Override
  public Maintenance maintenance() {
    return real.maintenance();
  }

  @Override
  public void close() {
    real.close();
  }
}
