package io.escrowmq.broker;

import io.escrowmq.spi.storage.Registration;
import io.escrowmq.spi.storage.TimeSource;
import java.util.concurrent.Executor;

/**
 * Time and threads, as the features use them.
 *
 * @param time the only clock
 * @param scheduler for what must happen later; its tasks never block
 * @param workers for what may block; a virtual thread per task
 */
record Background(TimeSource time, Scheduler scheduler, Executor workers) {

  /** Runs a blocking task after the delay. */
  Registration blockingAfter(long delayMs, Runnable task) {
    return scheduler.after(delayMs, () -> workers.execute(task));
  }
}
