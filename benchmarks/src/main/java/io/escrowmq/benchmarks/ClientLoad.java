package io.escrowmq.benchmarks;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Threads that repeat one operation for a time.
 *
 * @param length of a measurement
 */
record ClientLoad(Duration length) {

  /** What each thread repeats. */
  @FunctionalInterface
  interface Operation {
    /** Performs one operation; returns how many messages it acknowledged. */
    int perform() throws Exception;
  }

  Measurement measure(int threads, Operation operation) throws Exception {
    Histogram latency = new ConcurrentHistogram(3);
    AtomicLong messages = new AtomicLong();
    Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    CountDownLatch done = new CountDownLatch(threads);
    long start = System.nanoTime();
    long end = start + length.toNanos();
    for (int i = 0; i < threads; i++) {
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              long now = System.nanoTime();
              while (now < end && failures.isEmpty()) {
                messages.addAndGet(operation.perform());
                long after = System.nanoTime();
                latency.recordValue(after - now);
                now = after;
              }
            } catch (Exception e) {
              failures.add(e);
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    Exception failure = failures.peek();
    if (failure != null) {
      throw failure;
    }
    long nanos = System.nanoTime() - start;
    return new Measurement(
        messages.get(), messages.get() * OfficialProducers.BODY_BYTES, nanos, latency);
  }
}
