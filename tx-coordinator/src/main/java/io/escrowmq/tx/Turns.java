package io.escrowmq.tx;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Runs what concerns one transaction one after the other, in the order it came; different
 * transactions do not wait for each other. It spares vain attempts and nothing else: the store's
 * preconditions are what makes decisions safe, also between servers. Thread-safe.
 */
final class Turns {

  private final ConcurrentHashMap<Handle, CompletableFuture<?>> last = new ConcurrentHashMap<>();

  <T> CompletionStage<T> take(Handle handle, Supplier<CompletionStage<T>> action) {
    CompletableFuture<T> mine = new CompletableFuture<>();
    CompletionStage<?> before = last.put(handle, mine);
    if (before == null) {
      run(handle, action, mine);
    } else {
      before.whenComplete((_, _) -> run(handle, action, mine));
    }
    return mine;
  }

  private <T> void run(
      Handle handle, Supplier<CompletionStage<T>> action, CompletableFuture<T> mine) {
    CompletionStage<T> stage;
    try {
      stage = action.get();
    } catch (RuntimeException e) {
      stage = CompletableFuture.failedFuture(e);
    }
    stage.whenComplete((value, failure) -> {
      last.remove(handle, mine);
      if (failure != null) {
        mine.completeExceptionally(failure);
      } else {
        mine.complete(value);
      }
    });
  }
}
