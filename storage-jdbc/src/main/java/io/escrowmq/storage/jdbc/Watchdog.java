package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Answers writes in time while the database hangs: stopped, out of reach, or busy with somebody
 * else's lock. What still waits for its turn is taken back and certainly did not happen; what the
 * writer has handed to the database is answered as unknown, and the writer finds out for itself.
 * Meanwhile new writes are refused. Ends by itself when the database answers. Thread-safe.
 */
final class Watchdog implements AutoCloseable {

  private static final int LOOKS_PER_DEADLINE = 50;

  private final Intake intake;
  private final Receipts receipts;
  private final Condition condition;
  private final TimeSource time;
  private final long deadlineNs;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("jdbc-storage-watchdog").factory());
  private @Nullable Work work;

  Watchdog(
      Intake intake, Receipts receipts, Condition condition, TimeSource time, long deadlineMs) {
    this.intake = intake;
    this.receipts = receipts;
    this.condition = condition;
    this.time = time;
    this.deadlineNs = TimeUnit.MILLISECONDS.toNanos(deadlineMs);
  }

  /** What the writer is at. */
  private record Work(List<Job> jobs, long sinceNs) {}

  void start() {
    long everyNs = Math.max(1_000_000, deadlineNs / LOOKS_PER_DEADLINE);
    var _ = thread.scheduleWithFixedDelay(this::look, everyNs, everyNs, TimeUnit.NANOSECONDS);
  }

  /** The writer turns to the database with these jobs; none if it only asks whether it is there. */
  synchronized void begins(List<Job> jobs) {
    work = new Work(jobs, time.nanos());
  }

  /** The writer is back. */
  synchronized void ends() {
    work = null;
    condition.answers();
  }

  private synchronized void look() {
    long now = time.nanos();
    // A turn of its own for the database, so that what is handed to it has a chance.
    List<Job.Write> waiting = intake.takeBack(now - deadlineNs / 5 * 4);
    if (!waiting.isEmpty()) {
      receipts.refuse(
          waiting,
          SqlFailure.notWritten(
              condition.isDown() ? condition.reason() : "the database does not keep up"));
    }
    Work current = work;
    if (current == null || now - current.sinceNs < deadlineNs / 5) {
      return;
    }
    if (now - current.sinceNs > deadlineNs) {
      condition.hangs(Duration.ofNanos(now - current.sinceNs));
    }
    List<Job.Write> overdue =
        current.jobs.stream()
            .filter(Job.Write.class::isInstance)
            .map(Job.Write.class::cast)
            .filter(job -> now - job.acceptedNs() > deadlineNs && !job.isAnswered())
            .toList();
    if (!overdue.isEmpty()) {
      receipts.refuse(overdue, SqlFailure.unanswered(Duration.ofNanos(deadlineNs)));
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
