package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.storage.commitlog.log.LogWriter;
import io.escrowmq.storage.commitlog.log.Signal;
import io.escrowmq.storage.commitlog.views.Views;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns everything decided and applied: it sequences, commits, checkpoints, and
 * runs small tasks for others.
 */
final class EngineThread implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EngineThread.class);
  private static final long IDLE_NANOS = 20_000_000;
  private static final long ALIVE_CHECK_MS = 20;
  private static final long NANOS_PER_MS = 1_000_000;

  private final Sequencer sequencer;
  private final Committer committer;
  private final LogWriter writer;
  private final Views views;
  private final AdmissionControl admission;
  private final CommitLogOptions options;
  private final TimeSource time;
  private final Parts parts;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile long checkpointed;
  private long checkpointNanos;

  /** What the thread works with. */
  record Parts(
      Sequencer sequencer,
      Committer committer,
      LogWriter writer,
      Views views,
      AdmissionControl admission,
      CommitLogOptions options,
      TimeSource time,
      Signal signal,
      long storeId) {}

  EngineThread(Parts parts) {
    this.parts = parts;
    this.sequencer = parts.sequencer();
    this.committer = parts.committer();
    this.writer = parts.writer();
    this.views = parts.views();
    this.admission = parts.admission();
    this.options = parts.options();
    this.time = parts.time();
    this.checkpointed = committer.applied();
    this.checkpointNanos = time.nanos();
    this.thread = Thread.ofPlatform().name("commitlog-sequencer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Log position of the last checkpoint begun. */
  long checkpointed() {
    return checkpointed;
  }

  /** Runs something on the engine thread and waits for it. */
  <T> T call(Supplier<T> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    tasks.add(() -> {
      try {
        done.complete(action.get());
      } catch (RuntimeException e) {
        done.completeExceptionally(e);
      }
    });
    parts.signal().raise();
    while (thread.isAlive() && !done.isDone()) {
      awaitBriefly(done);
    }
    return result(done);
  }

  /** Writes a checkpoint of everything applied so far. Engine thread only. */
  boolean checkpointNow(boolean wait) {
    long position = committer.applied();
    if (position == checkpointed && !views.isChanged() && !wait) {
      return false;
    }
    if (writer.durable() < position) {
      writer.force();
    }
    if (writer.failure().isPresent()) {
      return false;
    }
    views.checkpoint(
        new Views.Checkpoint(parts.storeId(), position, sequencer.storeTimeMs()), wait);
    checkpointed = position;
    checkpointNanos = time.nanos();
    return true;
  }

  /** Waits until everything taken from the ring is answered, and stops. */
  @Override
  public void close() {
    parts.signal().raise();
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
        boolean worked = sequencer.takeReady();
        worked |= committer.commitReady();
        worked |= runTasks();
        checkpointIfDue();
        if (!worked) {
          parts.signal().await(this::hasWork, IDLE_NANOS);
          admission.retry();
        }
      }
      checkpointNow(true);
    } catch (RuntimeException | Error e) {
      LOG.error("the engine thread failed", e);
      writer.fail(e);
      failAll();
    }
  }

  private boolean isFinished() {
    return sequencer.isDrained() && committer.isIdle() && tasks.isEmpty();
  }

  private boolean hasWork() {
    return sequencer.hasWork() || committer.hasWork() || !tasks.isEmpty() || isFinished();
  }

  /** After a failure nothing is decided any more: answer what is and what comes. */
  private void failAll() {
    while (!isFinished()) {
      boolean worked = sequencer.takeReady();
      worked |= committer.failAll();
      worked |= runTasks();
      if (!worked) {
        parts.signal().await(this::hasWork, IDLE_NANOS);
      }
    }
  }

  private boolean runTasks() {
    Runnable task = tasks.poll();
    if (task == null) {
      return false;
    }
    task.run();
    return true;
  }

  private void checkpointIfDue() {
    long grown = committer.applied() - checkpointed;
    boolean changed = grown > 0 || views.isChanged();
    boolean due =
        grown >= options.checkpointLogBytes()
            || views.isCrowded()
            || changed
                && time.nanos() - checkpointNanos >= options.checkpointIntervalMs() * NANOS_PER_MS;
    if (due && writer.failure().isEmpty() && !views.isFlushing() && views.isReadyForCheckpoint()) {
      checkpointNow(false);
    }
  }

  private static void awaitBriefly(CompletableFuture<?> done) {
    try {
      done.handle((value, failure) -> true).get(ALIVE_CHECK_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.debug("waiting for the engine thread");
    } catch (ExecutionException e) {
      throw new IllegalStateException("a handled future cannot fail", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
  }

  private <T> T result(CompletableFuture<T> done) {
    if (!done.isDone()) {
      throw new StorageException.Closed();
    }
    try {
      return done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static StorageException interrupted() {
    return new StorageException.Unavailable(
        StorageException.Kind.RETRIABLE, "interrupted while waiting for the engine", "Call again.");
  }
}
