package io.escrowmq.spi.storage.copy;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Writes into the target in order, several batches ahead of the receipts, and checks each receipt.
 * What is written is safe once a durable write follows. Not thread-safe.
 */
final class RestoreWriter {

  private static final int BATCH_BYTES = 512 * 1024;
  private static final int BATCH_MUTATIONS = 1000;
  private static final int IN_FLIGHT = 8;

  private final Storage target;
  private final ArrayDeque<Sent> sent = new ArrayDeque<>();
  private List<Mutation> batch = new ArrayList<>();
  private long batchBytes;

  private record Sent(List<Mutation> mutations, CompletableFuture<WriteReceipt> receipt) {}

  RestoreWriter(Storage target) {
    this.target = target;
  }

  /**
   * Adds a mutation.
   *
   * @param bytes about its size
   */
  void add(Mutation mutation, long bytes) {
    if (batchBytes + bytes > BATCH_BYTES || batch.size() == BATCH_MUTATIONS) {
      send();
    }
    batch.add(mutation);
    batchBytes += bytes;
  }

  /** Sends what is left and waits for everything. */
  void finish() {
    send();
    awaitAll();
  }

  private void send() {
    if (batch.isEmpty()) {
      return;
    }
    if (sent.size() == IN_FLIGHT) {
      await(sent.remove());
    }
    CompletableFuture<WriteReceipt> receipt = write();
    if (isOverloaded(receipt)) {
      awaitAll();
      receipt = write();
    }
    sent.add(new Sent(batch, receipt));
    batch = new ArrayList<>();
    batchBytes = 0;
  }

  private CompletableFuture<WriteReceipt> write() {
    return target
        .write(new WriteBatch(batch, Optional.of(Durability.WRITTEN)))
        .toCompletableFuture();
  }

  private static boolean isOverloaded(CompletableFuture<WriteReceipt> receipt) {
    return receipt.isCompletedExceptionally()
        && receipt.exceptionNow() instanceof StorageException.Overloaded;
  }

  private void awaitAll() {
    while (!sent.isEmpty()) {
      await(sent.remove());
    }
  }

  private static void await(Sent next) {
    WriteReceipt receipt;
    try {
      receipt = next.receipt().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
    for (int i = 0; i < next.mutations().size(); i++) {
      Mutation mutation = next.mutations().get(i);
      Outcome outcome = receipt.outcome(i);
      boolean asWanted =
          outcome.result() == Outcome.Result.APPLIED
              && (!(mutation instanceof Mutation.Restore.Visible visible)
                  || outcome.queueOffset() == visible.message().queueOffset());
      if (!asWanted) {
        throw new CopyFailure(
            "the target answered " + outcome + " to " + mutation,
            "The target was not empty, or something else writes to it: copy into a new one.");
      }
    }
  }
}
