package io.escrowmq.tx;

/** The answer to whoever wants a transaction ended. */
public sealed interface EndOutcome {

  /**
   * This request decided the transaction, durably.
   *
   * @param queueOffset offset of the committed message in its queue, else -1 (rolled back, or
   *     visible only at {@code visibleAtMs})
   * @param position its address for {@code MessageLog.at}, else -1
   * @param visibleAtMs when a committed message with a delivery time becomes visible, milliseconds
   *     since the epoch; 0 if it is visible now or was rolled back
   */
  record Decided(Decision decision, long queueOffset, long position, long visibleAtMs)
      implements EndOutcome {}

  /** The transaction had this decision already, and the request asked for the same. */
  record Repeated(Decision decision, long queueOffset, long position) implements EndOutcome {}

  /** The request asked for the other decision than the recorded one: nothing changed. */
  record Conflict(Decision recorded) implements EndOutcome {}

  /** No such transaction, or decided longer ago than the decision retention. */
  record NotFound() implements EndOutcome {}

  /** The transaction belongs to another producer group: nothing changed. */
  record GroupMismatch(String recordedGroup) implements EndOutcome {}

  /** The request did not decide: the transaction stays as it is. */
  record Unknown() implements EndOutcome {}
}
