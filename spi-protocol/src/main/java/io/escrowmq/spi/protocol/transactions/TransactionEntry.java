package io.escrowmq.spi.protocol.transactions;

import java.util.Optional;

/**
 * A transaction as the register knows it. What the store has forgotten is empty or -1.
 *
 * @param handle 32 hexadecimal digits
 * @param key unique key of the message
 * @param queue where the message is or will be visible, {@code topic-number}
 * @param heldAtMs when the half message came, milliseconds since the epoch
 * @param attempts questions that reached a producer
 * @param deliverAtMs earliest visibility after a commit, milliseconds since the epoch; 0 for at
 *     once
 * @param open present while undecided
 * @param decided present once decided
 */
public record TransactionEntry(
    String handle,
    State state,
    String producerGroup,
    String key,
    String queue,
    long heldAtMs,
    int attempts,
    long deliverAtMs,
    Optional<Open> open,
    Optional<Decided> decided) {

  /** Where a transaction stands. */
  public enum State {
    HELD,
    PARKED,
    COMMITTED,
    ROLLED_BACK
  }

  /** How a transaction ends. */
  public enum Decision {
    COMMIT,
    ROLLBACK
  }

  /**
   * What an undecided transaction waits for.
   *
   * @param sender client id of the instance that sent the half message
   * @param nextCheckAtMs when the next question is due, -1 if none is
   * @param lastAsked client id of the instance asked last, empty if none was
   * @param lastAskedAtMs when that was, 0 if never
   * @param parked why nobody is asked any more, empty if somebody is
   */
  public record Open(
      String sender, long nextCheckAtMs, String lastAsked, long lastAskedAtMs, String parked) {}

  /**
   * Who decided, how and when.
   *
   * @param by by which way, for example {@code PRODUCER} or {@code OPERATOR}
   * @param identity client id, user or rule
   * @param queueOffset offset of the visible message, -1 if there is none or it is forgotten
   */
  public record Decided(
      Decision decision, String by, String identity, String reason, long atMs, long queueOffset) {}
}
