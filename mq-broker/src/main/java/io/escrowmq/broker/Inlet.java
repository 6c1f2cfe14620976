package io.escrowmq.broker;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The way of messages into the store: admission before, translation of failures after. */
final class Inlet {

  private final Storage storage;
  private final Gate gate;

  Inlet(Storage storage, Gate gate) {
    this.storage = storage;
    this.gate = gate;
  }

  /**
   * Writes the batch. Does not block.
   *
   * @param bytes what the batch weighs for admission
   * @param then makes the answer; runs on an engine thread
   */
  <T> CompletableFuture<T> write(WriteBatch batch, long bytes, Function<WriteReceipt, T> then) {
    gate.enter(bytes);
    CompletableFuture<T> answer = new CompletableFuture<>();
    try {
      storage
          .write(batch)
          .whenComplete((receipt, failure) -> {
            gate.leave(bytes);
            settle(answer, receipt, failure, then);
          });
    } catch (RuntimeException e) {
      gate.leave(bytes);
      throw e;
    }
    return answer;
  }

  private static <T> void settle(
      CompletableFuture<T> answer,
      WriteReceipt receipt,
      @Nullable Throwable failure,
      Function<WriteReceipt, T> then) {
    if (failure != null) {
      answer.completeExceptionally(Failures.of(failure));
      return;
    }
    try {
      answer.complete(then.apply(receipt));
    } catch (RuntimeException e) {
      answer.completeExceptionally(Failures.of(e));
    }
  }
}
