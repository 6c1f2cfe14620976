package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.IntakeFigures;
import io.escrowmq.spi.storage.IntakeRow;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StoreIntake;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Applications' rows beside the store's own tables: they go in the commit of their messages. */
final class JdbcStoreIntake implements StoreIntake {

  private final Engine engine;
  private final IntakeRows rows;
  private final IntakeBell bell;

  JdbcStoreIntake(Engine engine, IntakeRows rows, IntakeBell bell) {
    this.engine = engine;
    this.rows = rows;
    this.bell = bell;
  }

  @Override
  public long check() {
    return rows.check();
  }

  @Override
  public List<IntakeRow> read(int maxRows, long maxBytes) {
    return rows.read(maxRows, maxBytes);
  }

  @Override
  public void reject(long id, String reason) {
    rows.reject(id, reason);
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

  @Override
  public void await(Duration atMost, boolean idle) {
    bell.await(atMost, idle);
  }

  @Override
  public IntakeFigures figures() {
    return rows.figures();
  }

  @Override
  public void close() {
    bell.close();
  }
}
