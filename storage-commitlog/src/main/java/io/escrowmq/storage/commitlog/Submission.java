package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.storage.commitlog.log.Op;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A batch on its way through the ring.
 *
 * @param mutations what the caller wrote; empty for a cleaner's frame
 * @param ops the records of the frame
 * @param claimBytes room taken in the ring
 * @param frameBytes size of the frame
 * @param external the frame, if it was too big for the ring
 * @param sync true if the receipt waits for the device
 */
record Submission(
    CompletableFuture<WriteReceipt> receipt,
    List<Mutation> mutations,
    List<Op> ops,
    int claimBytes,
    int frameBytes,
    @Nullable ByteBuffer external,
    boolean sync) {

  /** Stands for the unused end of the ring. */
  static final Submission PADDING = empty(new CompletableFuture<>(), 0);

  /** A claim that is given up: nothing is written. */
  static Submission empty(CompletableFuture<WriteReceipt> receipt, int claimBytes) {
    return new Submission(receipt, List.of(), List.of(), claimBytes, 0, null, false);
  }

  boolean isEmpty() {
    return ops.isEmpty() && mutations.isEmpty();
  }
}
