package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.Mishap;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Ownership;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TableOwnership;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The smallest durable engine: the reference engine behind a journal of batches, with group commit.
 * It shows that the kit can be passed, and broken by {@link JournalDefect} that the kit notices.
 */
final class JournalStorage implements Storage {

  private static final int LAG = 40;

  private final InMemoryStorage memory;
  private final ReplayTime time;
  private final JournalFile journal;
  private final FileChannel lock;
  private final JournalDefect defect;
  private final BlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
  private final Thread writer;
  private final Ownership ownership;
  private final List<Pending> lagging = new ArrayList<>();
  private volatile boolean accepting = true;
  private volatile String failure = "";

  /** What the writer is asked to do: write mutations, forget (none), or stop (none, last). */
  private record Pending(
      boolean stop, List<Mutation> mutations, CompletableFuture<WriteReceipt> receipt) {

    static Pending of(List<Mutation> mutations) {
      return new Pending(false, mutations, new CompletableFuture<>());
    }
  }

  JournalStorage(StorageSettings settings, StorageContext context, JournalDefect defect) {
    if (settings.durability() == Durability.REPLICATED) {
      throw new IllegalArgumentException("the journal has no replicas");
    }
    this.defect = defect;
    this.time = new ReplayTime(context.time());
    this.memory = InMemoryStorage.openInline(settings, new StorageContext(time, context.disk()));
    try {
      Files.createDirectories(settings.directory());
      this.lock = lock(settings);
      this.journal = open(settings, context);
    } catch (IOException e) {
      throw unavailable("cannot open " + settings.directory() + ": " + e.getMessage(), e);
    }
    this.ownership = new TableOwnership(this, context.time());
    this.writer = Thread.ofPlatform().daemon().name("journal").start(this::run);
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.PUSH_NOTIFICATIONS);
  }

  @Override
  public Set<Mishap> survives(Durability durability) {
    return switch (durability) {
      case WRITTEN, DURABLE -> Set.of(Mishap.SERVER_KILL, Mishap.POWER_CUT);
      case REPLICATED -> Set.of();
    };
  }

  @Override
  public CompletionStage<WriteReceipt> write(WriteBatch batch) {
    try {
      BatchLimits.check(batch);
      return enqueue(Pending.of(batch.mutations().stream().map(JournalStorage::copy).toList()));
    } catch (StorageException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  private CompletionStage<WriteReceipt> enqueue(Pending pending) {
    synchronized (queue) {
      if (!accepting) {
        throw new StorageException.Closed();
      }
      accepting = !pending.stop();
      queue.add(pending);
      return pending.receipt();
    }
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
    return ownership;
  }

  @Override
  public Maintenance maintenance() {
    return new JournalMaintenance();
  }

  @Override
  public void close() {
    try {
      enqueue(new Pending(true, List.of(), new CompletableFuture<>()));
    } catch (StorageException.Closed again) {
      return;
    }
    try {
      writer.join();
      if (failure.isEmpty()) {
        journal.closeCleanly();
      }
      journal.close();
      lock.close();
    } catch (IOException e) {
      failure = "the journal cannot be closed: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    memory.close();
  }

  private JournalFile open(StorageSettings settings, StorageContext context) throws IOException {
    JournalFile opened = new JournalFile(settings.directory(), context.disk(), defect);
    try {
      for (byte[] frame : opened.recover()) {
        time.replayed(JournalCodec.timeOf(frame));
        replay(frame);
      }
      time.live();
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      lock.close();
      throw e;
    }
  }

  private void replay(byte[] frame) {
    List<WriteBatch> batches = JournalCodec.decode(frame);
    if (batches.isEmpty()) {
      memory.maintenance().retain();
    }
    for (WriteBatch batch : batches) {
      if (defect != JournalDefect.FORGETS_DECISIONS
          || batch.mutations().stream().noneMatch(Mutation.Discard.class::isInstance)) {
        memory.write(batch);
      }
    }
  }

  /** Takes what is there, writes it, syncs once, then lets it happen. */
  private void run() {
    List<Pending> group = new ArrayList<>();
    boolean open = true;
    while (open) {
      try {
        group.clear();
        group.add(queue.take());
        queue.drainTo(group);
        open = !group.getLast().stop();
        if (!open) {
          group.removeLast();
        }
        commit(group);
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts the journal", e);
      }
    }
  }

  private void commit(List<Pending> group) {
    long now = time.nowMs();
    try {
      if (defect == JournalDefect.ACKNOWLEDGES_BEFORE_WRITING) {
        finish(group, now);
      }
      write(group, now);
      if (defect != JournalDefect.NEVER_SYNCS && failure.isEmpty()) {
        journal.force();
      }
    } catch (IOException e) {
      if (defect != JournalDefect.RETRIES_SYNC) {
        failure = "the journal cannot be written: " + e.getMessage();
      }
    }
    if (failure.isEmpty()) {
      finish(group, now);
    } else {
      group.forEach(pending -> pending.receipt().completeExceptionally(unavailable(failure)));
    }
  }

  private void write(List<Pending> group, long now) throws IOException {
    if (!failure.isEmpty()) {
      return;
    }
    lagging.addAll(group);
    if (defect == JournalDefect.ACKNOWLEDGES_BEFORE_WRITING && lagging.size() < LAG && accepting) {
      return;
    }
    for (Pending pending : lagging) {
      if (defect == JournalDefect.SPLITS_BATCHES) {
        for (Mutation mutation : pending.mutations()) {
          journal.append(JournalCodec.encode(now, List.of(mutation)));
        }
      } else {
        journal.append(JournalCodec.encode(now, pending.mutations()));
      }
    }
    lagging.clear();
  }

  private void finish(List<Pending> group, long now) {
    time.replayed(now);
    for (Pending pending : group) {
      if (!pending.receipt().isDone()) {
        happen(pending);
      }
    }
    time.live();
  }

  private void happen(Pending pending) {
    if (pending.mutations().isEmpty()) {
      memory.maintenance().retain();
      pending.receipt().complete(new WriteReceipt(true, time.nowMs(), List.of()));
      return;
    }
    memory
        .write(WriteBatch.of(pending.mutations().toArray(Mutation[]::new)))
        .whenComplete((receipt, refused) -> {
          if (refused != null) {
            pending.receipt().completeExceptionally(refused);
          } else {
            pending.receipt().complete(receipt);
          }
        });
  }

  private static Mutation copy(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Append append -> new Mutation.Append(append.queue(), append.message().copy());
      case Mutation.Hold hold ->
          new Mutation.Hold(
              hold.id(),
              hold.queue(),
              hold.message().copy(),
              hold.kind(),
              hold.wakeAtMs(),
              hold.attributes());
      case Mutation.Restore.Visible visible ->
          new Mutation.Restore.Visible(visible.queue(), visible.message().copy());
      case Mutation.Restore.Held held ->
          new Mutation.Restore.Held(held.entry(), held.message().copy());
      default -> mutation;
    };
  }

  private static FileChannel lock(StorageSettings settings) throws IOException {
    FileChannel channel =
        FileChannel.open(
            settings.directory().resolve("lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw unavailable(settings.directory() + " is open in this process", e);
    }
    channel.close();
    throw unavailable(settings.directory() + " is open in another process");
  }

  private static StorageException unavailable(String message, Throwable... cause) {
    return new StorageException.Unavailable(
        StorageException.Kind.FATAL, message, "Restart the server.", cause);
  }

  /** The clock, or the time that a journal record was written at. */
  private static final class ReplayTime implements io.escrowmq.spi.storage.TimeSource {
    private static final long LIVE = Long.MIN_VALUE;

    private final io.escrowmq.spi.storage.TimeSource clock;
    private volatile long replayedMs = LIVE;

    ReplayTime(io.escrowmq.spi.storage.TimeSource clock) {
      this.clock = clock;
    }

    void replayed(long timeMs) {
      replayedMs = timeMs;
    }

    void live() {
      replayedMs = LIVE;
    }

    @Override
    public long nowMs() {
      long replayed = replayedMs;
      return replayed == LIVE ? clock.nowMs() : replayed;
    }

    @Override
    public long nanos() {
      return clock.nanos();
    }
  }

  private final class JournalMaintenance implements Maintenance {

    @Override
    public void retain() {
      enqueue(Pending.of(List.of())).toCompletableFuture().join();
    }

    @Override
    public void checkpoint() {
      memory.maintenance().checkpoint();
    }

    @Override
    public Verification verify() {
      Verification held = memory.maintenance().verify();
      try {
        return new Verification(Math.max(held.records(), journal.verify()), journal.sizeBytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public Map<String, Long> statistics() {
      return Map.of("journal-bytes", journal.sizeBytes());
    }

    @Override
    public StorageHealth health() {
      if (!failure.isEmpty()) {
        return new StorageHealth(StorageHealth.State.READ_ONLY, failure, "Restart the server.");
      }
      return memory.maintenance().health();
    }
  }
}
