package io.escrowmq.tx;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.Optional;

/**
 * The key of the handles, made once per store and kept in it, so that handles survive restarts and
 * every server on the same store makes the same ones.
 */
final class ServerSecret {

  static final String TABLE = "tx-secret";
  private static final Bytes KEY = Bytes.utf8("handle-key-1");
  private static final int SIZE_BYTES = 32;

  private ServerSecret() {}

  /** Reads the secret, creating it if this is the first start on the store. Blocks. */
  static byte[] load(Storage storage, Randomness random) {
    Optional<TableRow> row = storage.tables().get(TABLE, KEY);
    if (row.isEmpty()) {
      // Another server may create it at the same moment: the precondition lets one win.
      storage
          .write(
              WriteBatch.of(
                  new Mutation.Require(TABLE, KEY, Mutation.Require.ABSENT),
                  new Mutation.Put(TABLE, KEY, Bytes.wrap(random.bytes(SIZE_BYTES)))))
          .toCompletableFuture()
          .join();
      row = storage.tables().get(TABLE, KEY);
    }
    return row.orElseThrow(
            () -> new IllegalStateException("the store lost the row it just wrote: " + TABLE))
        .value()
        .toArray();
  }
}
