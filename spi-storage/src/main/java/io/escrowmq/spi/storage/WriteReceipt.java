package io.escrowmq.spi.storage;

import java.util.List;

/**
 * What a batch did.
 *
 * @param applied false if a precondition failed and nothing of the batch happened
 * @param storeTimeMs the engine's time of the write, milliseconds since the epoch; never goes back
 *     within a queue
 * @param outcomes one per mutation, in the batch's order
 */
public record WriteReceipt(boolean applied, long storeTimeMs, List<Outcome> outcomes) {

  public WriteReceipt {
    outcomes = List.copyOf(outcomes);
  }

  /** The outcome of the i-th mutation, 0-based. */
  public Outcome outcome(int index) {
    return outcomes.get(index);
  }
}
