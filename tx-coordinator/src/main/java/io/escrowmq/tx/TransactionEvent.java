package io.escrowmq.tx;

import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.QueueId;

/**
 * What happened to a transaction, for metrics and alarms. Delivered after the fact is durable, on
 * whatever thread found out; receivers must not block or throw.
 */
public sealed interface TransactionEvent {

  /** A half message is held. */
  record Prepared(Handle handle, String producerGroup, QueueId queue) implements TransactionEvent {}

  /**
   * A transaction was decided.
   *
   * @param openMs time from the half message to the decision, milliseconds
   * @param attempts questions asked before
   */
  record Decided(Handle handle, Decision decision, Decider decider, long openMs, int attempts)
      implements TransactionEvent {}

  /**
   * A message was committed and waits for its delivery time.
   *
   * @param visibleAtMs milliseconds since the epoch
   */
  record Scheduled(HoldId id, long visibleAtMs) implements TransactionEvent {}

  /** Somebody asked for the other decision than the recorded one. Worth an alarm. */
  record Conflicted(Handle handle, Decision recorded, Decision requested, Decider decider)
      implements TransactionEvent {}

  /** A question was written to a producer's connection. */
  record Asked(Handle handle, String producerGroup, String clientId, int attempt)
      implements TransactionEvent {}

  /** No more questions are asked by themselves; somebody has to look. Worth an alarm. */
  record Parked(Handle handle, String producerGroup, ParkReason reason)
      implements TransactionEvent {}

  /** An operator let a parked transaction be asked about again. */
  record Rearmed(Handle handle, Decider decider) implements TransactionEvent {}
}
