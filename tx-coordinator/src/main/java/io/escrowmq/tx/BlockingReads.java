package io.escrowmq.tx;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Runs reads that may block on virtual threads, so that callers on event loops never wait.
 * Thread-safe.
 */
final class BlockingReads {

  /** Reads at the same time; more wait their turn. */
  private static final int PERMITS = 128;

  private final Semaphore permits = new Semaphore(PERMITS);

  <T> CompletableFuture<T> submit(Supplier<T> read) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("tx-read")
        .start(() -> {
          permits.acquireUninterruptibly();
          T value;
          try {
            value = read.get();
          } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
            return;
          } finally {
            permits.release();
          }
          result.complete(value);
        });
    return result;
  }
}
