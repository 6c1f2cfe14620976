package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.storage.commitlog.views.Effect;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A decided batch that waits for its bytes to be safe.
 *
 * @param answer what the receipt will say, or null if it fails
 * @param failure why it fails, or null
 * @param effects what it changes in the views
 * @param number the decider's number of the batch, 0 if it decided nothing
 * @param end position that must be written
 * @param required position that must be durable
 */
record Pending(
    CompletableFuture<WriteReceipt> receipt,
    @Nullable WriteReceipt answer,
    @Nullable StorageException failure,
    List<Effect> effects,
    long number,
    long end,
    long required) {

  static Pending done(
      CompletableFuture<WriteReceipt> receipt,
      WriteReceipt answer,
      List<Effect> effects,
      long number) {
    return new Pending(receipt, answer, null, effects, number, 0, 0);
  }

  static Pending failed(
      CompletableFuture<WriteReceipt> receipt, StorageException why, long end, long required) {
    return new Pending(receipt, null, why, List.of(), 0, end, required);
  }

  Pending at(long newEnd, long newRequired) {
    return new Pending(receipt, answer, failure, effects, number, newEnd, newRequired);
  }

  void complete() {
    if (failure != null) {
      receipt.completeExceptionally(failure);
    } else {
      receipt.complete(answer);
    }
  }

  void fail(StorageException why) {
    receipt.completeExceptionally(why);
  }
}
