package io.escrowmq.broker.pop;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs jobs one after the other, in rounds: first all that wait, then what makes them last, then
 * their answers. So jobs that come while a round is being written share the next write. Submitting
 * is thread-safe and does not block.
 */
final class Mailbox {

  private static final int MAX_JOBS = 512;

  private final Executor workers;
  private final Round round;
  private final Queue<Job<?>> jobs = new ConcurrentLinkedQueue<>();
  private final AtomicInteger backlog = new AtomicInteger();

  Mailbox(Executor workers, Round round) {
    this.workers = workers;
    this.round = round;
  }

  /** What happens around the jobs; called by one thread at a time. */
  interface Round {

    /** True while the round may take another job. */
    boolean hasRoom();

    /** Makes the jobs last; blocks. A failure fails all of them. */
    void write();

    /** Nothing of this round happened. */
    void undone();

    /** The answers are given. */
    void answered();
  }

  /**
   * Runs the job in a round of its turn.
   *
   * @param work the job; if it throws it must have changed nothing
   * @param discard for a result that is not given to anybody, because it could not be written
   */
  <T> CompletionStage<T> submit(Supplier<T> work, Consumer<T> discard) {
    Job<T> job = new Job<>(work, discard);
    jobs.add(job);
    if (backlog.getAndIncrement() == 0) {
      workers.execute(this::run);
    }
    return job.answer;
  }

  private void run() {
    int done;
    do {
      done = runRound();
    } while (backlog.addAndGet(-done) > 0);
  }

  private int runRound() {
    List<Job<?>> taken = new ArrayList<>();
    for (Job<?> job = jobs.poll(); job != null; job = next(taken)) {
      job.run();
      taken.add(job);
    }
    Throwable failure = null;
    try {
      round.write();
    } catch (RuntimeException | Error e) {
      failure = e;
      round.undone();
    }
    for (Job<?> job : taken) {
      job.answer(failure);
    }
    round.answered();
    return taken.size();
  }

  private @Nullable Job<?> next(List<Job<?>> taken) {
    return taken.size() < MAX_JOBS && round.hasRoom() ? jobs.poll() : null;
  }

  private static final class Job<T> {
    private final Supplier<T> work;
    private final Consumer<T> discard;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private @Nullable T result;
    private @Nullable Throwable failed;

    Job(Supplier<T> work, Consumer<T> discard) {
      this.work = work;
      this.discard = discard;
    }

    void run() {
      try {
        result = work.get();
      } catch (RuntimeException | Error e) {
        failed = e;
      }
    }

    void answer(@Nullable Throwable writeFailed) {
      T value = result;
      Throwable failure = failed == null ? writeFailed : failed;
      if (failure != null || value == null) {
        if (value != null) {
          discard.accept(value);
        }
        answer.completeExceptionally(
            failure == null ? new IllegalStateException("a job without a result") : failure);
      } else {
        answer.complete(value);
      }
    }
  }
}
