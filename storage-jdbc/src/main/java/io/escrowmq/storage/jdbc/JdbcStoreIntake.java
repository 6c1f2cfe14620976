package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StoreIntake;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Applications' rows beside the store's own tables: they go in the commit of their messages. */
final class JdbcStoreIntake extends JdbcIntakeTable implements StoreIntake {

  private final Engine engine;

  JdbcStoreIntake(Engine engine, IntakeRows rows, IntakeBell bell) {
    super(rows, bell);
    this.engine = engine;
  }

  @Override
  public CompletionStage<WriteReceipt> move(WriteBatch batch, List<Long> ids) {
    CompletableFuture<WriteReceipt> receipt = new CompletableFuture<>();
    try {
      engine.submit(
          PreparedBatch.of(batch, Durability.DURABLE).taking(new TakenRows(rows.table(""), ids)),
          receipt);
    } catch (StorageException refused) {
      receipt.completeExceptionally(refused);
    }
    return receipt;
  }
}
