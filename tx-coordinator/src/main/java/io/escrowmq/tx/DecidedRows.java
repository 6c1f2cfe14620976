package io.escrowmq.tx;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Removes the marks of committed delayed messages that are no longer needed: once the message was
 * released, the store itself remembers the decision. Owned by the scheduler's thread.
 */
final class DecidedRows {

  private static final int PAGE = 256;
  private static final long INTERVAL_MS = 60_000;

  private final Storage storage;
  private final EventRelay events;
  private Optional<Bytes> cursor = Optional.empty();
  private long nextMs = Long.MIN_VALUE;

  DecidedRows(Storage storage, EventRelay events) {
    this.storage = storage;
    this.events = events;
  }

  /**
   * Looks at one page, at most once a minute. Blocks for the reads.
   *
   * @return completes when what was found is removed; false if nothing was
   */
  CompletableFuture<Boolean> tidy(long nowMs) {
    if (nowMs < nextMs && nextMs - nowMs <= INTERVAL_MS) {
      return CompletableFuture.completedFuture(false);
    }
    nextMs = nowMs + INTERVAL_MS;
    List<TableRow> page = storage.tables().scan(Decisions.DECIDED_TABLE, Bytes.EMPTY, cursor, PAGE);
    cursor = page.size() < PAGE ? Optional.empty() : Optional.of(page.getLast().key());
    List<Mutation> deletes =
        page.stream()
            .filter(row -> isSpare(row.key()))
            .<Mutation>map(row -> new Mutation.Delete(Decisions.DECIDED_TABLE, row.key()))
            .toList();
    if (deletes.isEmpty()) {
      return CompletableFuture.completedFuture(false);
    }
    return storage
        .write(new WriteBatch(deletes, Optional.of(Durability.WRITTEN)))
        .handle((_, error) -> {
          if (error != null) {
            events.checkError("Marks of delivered messages could not be removed", error);
          }
          return error == null;
        })
        .toCompletableFuture();
  }

  /** A recalled (discarded) message keeps its mark as long as the store remembers the recall. */
  private boolean isSpare(Bytes key) {
    ByteBuffer in = ByteBuffer.wrap(key.toArray());
    HoldStatus.State state =
        storage.escrow().status(new HoldId(in.getLong(), in.getLong())).state();
    return switch (state) {
      case RELEASED, UNKNOWN -> true;
      case HELD, DISCARDED -> false;
    };
  }
}
