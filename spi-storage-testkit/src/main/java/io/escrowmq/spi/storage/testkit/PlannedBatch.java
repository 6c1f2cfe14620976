package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Ownership;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.List;

/**
 * A batch before it is addressed to one store: row versions and epochs differ between engines, so
 * preconditions say only whether they name the current one.
 */
record PlannedBatch(List<Mutation> mutations) {

  /** Stands for the version or epoch that the store has now. */
  static final long CURRENT = Long.MAX_VALUE;

  /** The batch for this store. */
  WriteBatch resolve(Storage storage) {
    return WriteBatch.of(
        mutations.stream().map(mutation -> resolve(mutation, storage)).toArray(Mutation[]::new));
  }

  private static Mutation resolve(Mutation mutation, Storage storage) {
    return switch (mutation) {
      case Mutation.Require require when require.version() == CURRENT ->
          new Mutation.Require(
              require.table(),
              require.key(),
              storage
                  .tables()
                  .get(require.table(), require.key())
                  .map(TableRow::version)
                  .orElse(Mutation.Require.ABSENT));
      case Mutation.Fence fence when fence.epoch() == CURRENT ->
          new Mutation.Fence(
              fence.scope(),
              storage.ownership().current(fence.scope()).map(Ownership.Lease::epoch).orElse(1L));
      default -> mutation;
    };
  }
}
