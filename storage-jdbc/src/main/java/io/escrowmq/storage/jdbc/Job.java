package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.WriteReceipt;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

/** What the writer thread is asked to do. */
sealed interface Job {

  /** Memory that waits with it, bytes. */
  long bytes();

  /** Tells the caller that it will not happen, or that nobody knows whether it did. */
  void fail(RuntimeException reason);

  /**
   * A batch, together with others in one transaction.
   *
   * @param acceptedNs when it came, in the time of the store's monotonic clock
   */
  record Write(PreparedBatch batch, CompletableFuture<WriteReceipt> receipt, long acceptedNs)
      implements Job {

    /** True if its caller does not wait any more. */
    boolean isAnswered() {
      return receipt.isDone();
    }

    @Override
    public long bytes() {
      return batch.bytes();
    }

    @Override
    public void fail(RuntimeException reason) {
      receipt.completeExceptionally(reason);
    }
  }

  /** Care of the store, in a transaction of its own. */
  record Chore(Work work, CompletableFuture<Boolean> done) implements Job {
    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public void fail(RuntimeException reason) {
      done.completeExceptionally(reason);
    }
  }

  /** Something that needs the writer's connection. */
  @FunctionalInterface
  interface Work {
    /** Runs inside a transaction that the writer commits; true if there is more to do. */
    boolean run(WriterSession session) throws SQLException;
  }
}
