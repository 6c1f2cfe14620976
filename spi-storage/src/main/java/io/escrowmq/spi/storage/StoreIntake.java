package io.escrowmq.spi.storage;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** An intake table in the database of the store itself. */
public interface StoreIntake extends IntakeTable {

  /**
   * Writes the batch and removes the rows, in one commit: both or neither.
   *
   * @param ids of rows that {@link #read} gave
   * @return as {@link Storage#write}; fails with {@link IllegalArgumentException} if a row is gone
   *     or locked by somebody else: nothing happened
   */
  CompletionStage<WriteReceipt> move(WriteBatch batch, List<Long> ids);
}
