package io.escrowmq.protocol.remoting;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs blocking tasks of one connection one after the other, so that what a client says in sequence
 * (offset, unlock, unregister) takes effect in sequence. Thread-safe; holds no thread while idle.
 */
final class OrderedTasks {
  private final Executor executor;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();

  OrderedTasks(Executor executor) {
    this.executor = executor;
  }

  /** Runs the task after all earlier ones. The task must not throw. */
  void run(Runnable task) {
    tasks.add(task);
    if (pending.getAndIncrement() == 0) {
      executor.execute(this::runPending);
    }
  }

  private void runPending() {
    do {
      Runnable task = tasks.poll();
      if (task != null) {
        task.run();
      }
    } while (pending.decrementAndGet() > 0);
  }
}
