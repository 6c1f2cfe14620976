package io.escrowmq.broker;

import io.escrowmq.spi.storage.Registration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The scheduler of a running broker: one platform thread that sleeps until the next task. */
final class ThreadScheduler implements Scheduler, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ThreadScheduler.class);
  private static final Registration NOTHING = () -> {};

  private final ScheduledThreadPoolExecutor executor;

  ThreadScheduler() {
    executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("broker-timer").factory());
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public Registration after(long delayMs, Runnable task) {
    if (executor.isShutdown()) {
      return NOTHING;
    }
    ScheduledFuture<?> scheduled =
        executor.schedule(() -> run(task), Math.max(0, delayMs), TimeUnit.MILLISECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("a timed task failed; the timer goes on", e);
    }
  }
}
