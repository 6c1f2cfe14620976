package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that decides and writes. Whatever waits when a write ends is the next group: no
 * timers. It also runs small tasks for maintenance, between groups.
 */
final class Committer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
  private static final int MOST_BATCHES = 4096;

  private final Changes changes;
  private final AdmissionControl admission;
  private final Listeners listeners;
  private final int groupBytes;
  private final Queue<Submission> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<Task<?>> tasks = new ConcurrentLinkedQueue<>();
  private final Signal signal = new Signal();
  private final Thread thread = Thread.ofPlatform().name("rocksdb-committer").unstarted(this::run);
  private volatile Counters counters = new Counters(0, 0, 0);
  private volatile boolean stopping;
  private volatile boolean stopped;

  /** Something for the committer's thread. */
  @FunctionalInterface
  interface Action<T> {
    T run() throws RocksDBException;
  }

  private record Task<T>(Action<T> action, CompletableFuture<T> done) {
    void run() throws RocksDBException {
      done.complete(action.run());
    }
  }

  /** A batch and what was decided about it; no receipt if it was refused. */
  private record Decided(
      Submission batch, @Nullable WriteReceipt receipt, @Nullable StorageException refusal) {
    void answer() {
      if (receipt == null) {
        batch.receipt().completeExceptionally(refusal);
      } else {
        batch.receipt().complete(receipt);
      }
    }
  }

  /** How much was done. */
  record Counters(long groups, long syncs, long batches) {
    private Counters with(int batchesOfGroup, boolean sync) {
      return new Counters(groups + 1, syncs + (sync ? 1 : 0), batches + batchesOfGroup);
    }
  }

  Committer(
      Changes changes, AdmissionControl admission, Listeners listeners, RocksDbOptions options) {
    this.changes = changes;
    this.admission = admission;
    this.listeners = listeners;
    this.groupBytes = options.groupBytes();
  }

  void start() {
    thread.start();
  }

  Counters counters() {
    return counters;
  }

  /** Queues a batch. Its receipt is completed on the committer's thread. */
  void submit(Submission batch) {
    waiting.add(batch);
    if (stopped) {
      refuseWaiting();
    } else {
      signal.raise();
    }
  }

  /** Runs something between two groups and waits for it. */
  <T> T call(Action<T> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    tasks.add(new Task<>(action, done));
    if (stopped) {
      refuseWaiting();
    } else {
      signal.raise();
    }
    try {
      return done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StorageException cause ? cause : e;
    }
  }

  /** Writes what a task has changed. Only inside {@link #call}. */
  void commitTask(boolean sync) throws RocksDBException {
    var _ = changes.commit(sync);
  }

  /** Answers everything accepted, and stops. */
  @Override
  public void close() {
    stopping = true;
    signal.raise();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!isFinished()) {
        boolean worked = commitGroup();
        worked |= runTask();
        if (!worked) {
          signal.await(this::hasWork);
        }
      }
    } catch (RuntimeException | Error e) {
      LOG.error("the committer failed", e);
      admission.fail(Failures.writing(e));
    } finally {
      stopped = true;
      refuseWaiting();
    }
  }

  private boolean isFinished() {
    return stopping && waiting.isEmpty() && tasks.isEmpty();
  }

  private boolean hasWork() {
    return stopping || !waiting.isEmpty() || !tasks.isEmpty();
  }

  private boolean commitGroup() {
    Submission next = waiting.poll();
    if (next == null) {
      return false;
    }
    if (admission.failure().isPresent()) {
      next.receipt().completeExceptionally(admission.failure().get());
      return true;
    }
    List<Decided> group = new ArrayList<>();
    List<Submission> taken = new ArrayList<>();
    try {
      boolean sync = false;
      while (next != null) {
        taken.add(next);
        group.add(decide(next));
        sync |= next.sync();
        boolean full = changes.sizeBytes() >= groupBytes || group.size() >= MOST_BATCHES;
        next = full ? null : waiting.poll();
      }
      Map<QueueId, Long> grown = changes.commit(sync);
      counters = counters.with(group.size(), sync);
      group.forEach(Decided::answer);
      listeners.announce(grown);
    } catch (RocksDBException | RuntimeException | Error e) {
      StorageException failure = fail(e);
      taken.forEach(batch -> batch.receipt().completeExceptionally(failure));
    }
    return true;
  }

  private Decided decide(Submission batch) throws RocksDBException {
    try {
      return new Decided(batch, changes.decide(batch), null);
    } catch (StorageException.Fenced | StorageException.TooLarge refused) {
      return new Decided(batch, null, refused);
    }
  }

  private boolean runTask() {
    Task<?> task = tasks.poll();
    if (task == null) {
      return false;
    }
    Optional<StorageException> failed = admission.failure();
    if (failed.isPresent()) {
      task.done().completeExceptionally(failed.get());
      return true;
    }
    try {
      task.run();
    } catch (RocksDBException | RuntimeException | Error e) {
      task.done().completeExceptionally(fail(e));
    }
    return true;
  }

  /** Nothing may be decided any more: what is in memory is ahead of the database. */
  private StorageException fail(Throwable e) {
    StorageException failure =
        e instanceof StorageException.Corrupt corrupt ? corrupt : Failures.writing(e);
    LOG.error("the store is read-only from now on", e);
    admission.fail(failure);
    return failure;
  }

  private void refuseWaiting() {
    StorageException reason = admission.failure().orElseGet(StorageException.Closed::new);
    for (Submission batch = waiting.poll(); batch != null; batch = waiting.poll()) {
      batch.receipt().completeExceptionally(reason);
    }
    for (Task<?> task = tasks.poll(); task != null; task = tasks.poll()) {
      task.done().completeExceptionally(reason);
    }
  }
}
