package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.Mishap;
import io.escrowmq.spi.storage.Ownership;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TableOwnership;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The reference engine: the shortest code that satisfies the storage SPI, meant to be read as its
 * specification. One lock around plain collections ({@code MemoryContents}); {@code MemoryWriter}
 * is the meaning of each mutation. Thread-safe. Nothing survives the process, but {@link #reopen}
 * gives tests a restart.
 */
public final class InMemoryStorage implements Storage {

  private final MemoryGate gate = new MemoryGate();
  private final MemoryContents contents;
  private final MemoryWriter writer;
  private final MemoryLog log;
  private final Escrow escrow;
  private final Tables tables;
  private final MessageIndex index;
  private final Ownership ownership;
  private final Maintenance maintenance;
  private final Executor completions;
  private final Runnable stopCompletions;

  private InMemoryStorage(
      StorageSettings settings,
      StorageContext context,
      MemoryContents contents,
      Executor completions,
      Runnable stopCompletions) {
    if (settings.durability() == Durability.REPLICATED) {
      throw new IllegalArgumentException(
          "the in-memory engine has no replicas: choose durability written or durable");
    }
    this.contents = contents;
    this.writer = new MemoryWriter(contents, context.time(), settings.decisionRetention());
    this.log = new MemoryLog(gate, contents);
    this.escrow = new MemoryEscrow(gate, contents, writer);
    this.tables = new MemoryTables(gate, contents);
    this.index = new MemoryIndex(gate, contents);
    this.ownership = new TableOwnership(this, context.time());
    this.maintenance = new MemoryMaintenance(gate, contents, writer, settings.retention());
    this.completions = completions;
    this.stopCompletions = stopCompletions;
  }

  /** An empty store. Receipts and notifications come from a thread of its own, in write order. */
  public static InMemoryStorage open(StorageSettings settings, StorageContext context) {
    return threaded(settings, context, new MemoryContents());
  }

  /**
   * An empty store that gives receipts and notifications inside {@link #write}, on the caller's
   * thread: for deterministic tests.
   */
  public static InMemoryStorage openInline(StorageSettings settings, StorageContext context) {
    return new InMemoryStorage(settings, context, new MemoryContents(), Runnable::run, () -> {});
  }

  /** Closes this store and opens another one with the same contents: a restart for tests. */
  public InMemoryStorage reopen(StorageSettings settings, StorageContext context) {
    close();
    return threaded(settings, context, contents);
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.PUSH_NOTIFICATIONS);
  }

  @Override
  public Set<Mishap> survives(Durability durability) {
    return Set.of();
  }

  @Override
  public CompletionStage<WriteReceipt> write(WriteBatch batch) {
    CompletableFuture<WriteReceipt> receipt = new CompletableFuture<>();
    try {
      return gate.enter(() -> enqueue(writer.apply(batch), receipt));
    } catch (StorageException refused) {
      receipt.completeExceptionally(refused);
      return receipt;
    }
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
    if (gate.close()) {
      stopCompletions.run();
    }
  }

  /** Inside the gate, so that receipts leave in the order in which the batches took effect. */
  private CompletionStage<WriteReceipt> enqueue(
      WriteReceipt done, CompletableFuture<WriteReceipt> receipt) {
    Map<QueueId, Long> grown = contents.takeGrown();
    completions.execute(() -> {
      receipt.complete(done);
      grown.forEach(log::announce);
    });
    return receipt;
  }

  private static InMemoryStorage threaded(
      StorageSettings settings, StorageContext context, MemoryContents contents) {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("memory-storage").factory());
    return new InMemoryStorage(settings, context, contents, thread, thread::close);
  }
}
