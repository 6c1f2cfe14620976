package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** The caller's half of a write: check, copy, queue. Never blocks. Thread-safe. */
final class Intake {

  /** Batches wait in memory; this is how much they may take. */
  private static final long MOST_PENDING_BYTES = 128L << 20;

  private static final long BATCH_OVERHEAD = 512;
  private static final Duration RETRY_AFTER = Duration.ofMillis(10);
  private static final long[] NO_HASHES = new long[0];

  private final Committer committer;
  private final AdmissionControl admission;
  private final Durability durability;
  private final AtomicLong pendingBytes = new AtomicLong();

  Intake(Committer committer, AdmissionControl admission, Durability durability) {
    this.committer = committer;
    this.admission = admission;
    this.durability = durability;
  }

  /**
   * Sends a batch on its way.
   *
   * @throws StorageException if it is refused: then nothing happened
   */
  void submit(WriteBatch batch, CompletableFuture<WriteReceipt> receipt) {
    long bytes = BatchCheck.check(batch) + BATCH_OVERHEAD;
    admission.check(batch);
    Durability level = batch.durability().orElse(durability);
    if (level == Durability.REPLICATED) {
      throw new IllegalArgumentException(
          "the rocksdb engine has no replicas: choose durability written or durable");
    }
    reserve(bytes, receipt);
    committer.submit(copy(batch, bytes, level != Durability.WRITTEN, receipt));
  }

  /** Bytes of the batches that wait for the committer. */
  long pendingBytes() {
    return pendingBytes.get();
  }

  private void reserve(long bytes, CompletableFuture<WriteReceipt> receipt) {
    if (pendingBytes.addAndGet(bytes) > MOST_PENDING_BYTES) {
      pendingBytes.addAndGet(-bytes);
      throw new StorageException.Overloaded("too many batches are in flight", RETRY_AFTER);
    }
    var _ = receipt.whenComplete((answer, failure) -> pendingBytes.addAndGet(-bytes));
  }

  private static Submission copy(
      WriteBatch batch, long bytes, boolean sync, CompletableFuture<WriteReceipt> receipt) {
    int size = batch.mutations().size();
    List<Mutation> mutations = new ArrayList<>(size);
    List<long[]> hashes = new ArrayList<>(size);
    boolean needsJudging = false;
    for (Mutation mutation : batch.mutations()) {
      // Appends are most of what is ever written, and a type test is cheaper than a switch.
      if (mutation instanceof Mutation.Append append) {
        mutations.add(new Mutation.Append(append.queue(), append.message().copy()));
        hashes.add(KeyHashes.of(append.queue().topic(), append.message()));
      } else {
        mutations.add(copy(mutation));
        hashes.add(
            mutation instanceof Mutation.Restore.Visible visible
                ? KeyHashes.of(visible.queue().topic(), visible.message())
                : NO_HASHES);
        needsJudging |= needsJudging(mutation);
      }
    }
    return new Submission(mutations, hashes, needsJudging, bytes, sync, receipt);
  }

  /** True if the store may refuse a batch because of this mutation. */
  private static boolean needsJudging(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Require ignored -> true;
      case Mutation.RequireHeld ignored -> true;
      case Mutation.Fence ignored -> true;
      case Mutation.Release ignored -> true;
      default -> false;
    };
  }

  private static Mutation copy(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Hold hold ->
          new Mutation.Hold(
              hold.id(),
              hold.queue(),
              hold.message().copy(),
              hold.kind(),
              hold.wakeAtMs(),
              hold.attributes());
      case Mutation.Restore.Visible visible ->
          new Mutation.Restore.Visible(visible.queue(), visible.message().copy());
      case Mutation.Restore.Held held ->
          new Mutation.Restore.Held(held.entry(), held.message().copy());
      default -> mutation;
    };
  }
}
