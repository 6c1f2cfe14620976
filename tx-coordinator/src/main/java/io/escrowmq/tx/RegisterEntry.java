package io.escrowmq.tx;

import java.util.Optional;

/**
 * A transaction as the register knows it.
 *
 * @param producerGroup empty if the store has forgotten it
 * @param uniqueKey of the message; empty if it has none
 * @param queue where the message is or will be visible, {@code topic-number}; empty if forgotten
 * @param heldAtMs when the half message came, milliseconds since the epoch; -1 if forgotten
 * @param attempts questions that reached a producer
 * @param deliverAtMs earliest visibility after a commit, milliseconds since the epoch; 0 for at
 *     once
 * @param open present while undecided
 * @param decided present once decided
 */
public record RegisterEntry(
    Handle handle,
    RegisterState state,
    String producerGroup,
    String uniqueKey,
    String queue,
    long heldAtMs,
    int attempts,
    long deliverAtMs,
    Optional<Open> open,
    Optional<Decided> decided) {

  /**
   * What an undecided transaction waits for.
   *
   * @param sender client id of the instance that sent the half message
   * @param nextCheckAtMs when the next question is due, -1 if none is
   * @param lastAsked client id of the instance asked last, empty if none was
   * @param lastAskedAtMs when that was, 0 if never
   * @param parked why nobody is asked any more
   */
  public record Open(
      String sender,
      long nextCheckAtMs,
      String lastAsked,
      long lastAskedAtMs,
      Optional<ParkReason> parked) {}

  /**
   * Who decided, how and when.
   *
   * @param by by which way; empty if the audit record is gone
   * @param atMs milliseconds since the epoch
   * @param queueOffset offset of the visible message; -1 if rolled back, not visible yet, or
   *     decided longer ago than the decision retention
   */
  public record Decided(
      Decision decision, String by, String identity, String reason, long atMs, long queueOffset) {}
}
