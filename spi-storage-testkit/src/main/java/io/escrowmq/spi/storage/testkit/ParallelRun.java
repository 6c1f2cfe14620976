package io.escrowmq.spi.storage.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same work on several threads at once. */
final class ParallelRun {

  private ParallelRun() {}

  /** What each thread does. */
  interface Work {
    void run(int thread) throws Exception;
  }

  /** Runs the work and waits for all; the first failure is thrown. */
  static void of(int threads, Work work) {
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int thread = i;
      tasks.add(() -> {
        work.run(thread);
        return true;
      });
    }
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (Future<Boolean> done : executor.invokeAll(tasks)) {
        done.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError("a thread of the test failed: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for the test's threads", e);
    }
  }
}
