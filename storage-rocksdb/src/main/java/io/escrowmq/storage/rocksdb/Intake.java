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
    admission.check();
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
    List<Mutation> mutations = new ArrayList<>(batch.mutations().size());
    List<long[]> hashes = new ArrayList<>(batch.mutations().size());
    for (Mutation mutation : batch.mutations()) {
      mutations.add(copy(mutation));
      hashes.add(
          mutation instanceof Mutation.Append append ? KeyHashes.of(append.message()) : NO_HASHES);
    }
    return new Submission(mutations, hashes, bytes, sync, receipt);
  }

  private static Mutation copy(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Append append -> new Mutation.Append(append.queue(), append.message().copy());
      case Mutation.Hold hold ->
          new Mutation.Hold(
              hold.id(),
              hold.queue(),
              hold.message().copy(),
              hold.kind(),
              hold.wakeAtMs(),
              hold.attributes());
      default -> mutation;
    };
  }
}
