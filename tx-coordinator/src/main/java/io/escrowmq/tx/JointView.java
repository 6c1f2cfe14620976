package io.escrowmq.tx;

import io.escrowmq.spi.storage.QueueId;
import java.util.List;

/**
 * How a joint transaction stands.
 *
 * @param producerGroup who owns it, empty once it is decided
 * @param members what was added, in the order of the numbers; empty once it is decided: the audit
 *     record has them
 */
public record JointView(State state, String producerGroup, List<Member> members) {

  public JointView {
    members = List.copyOf(members);
  }

  /** The states that are told apart. */
  public enum State {
    /** Messages may be added; it is asked about. */
    OPEN,
    /** As open, but no longer asked about. */
    PARKED,
    COMMITTED,
    ROLLED_BACK,
    /** Never opened, or forgotten. */
    UNKNOWN
  }

  /**
   * A held message.
   *
   * @param deliverAtMs earliest visibility after the commit, milliseconds since the epoch; 0 for at
   *     once
   */
  public record Member(int sequence, QueueId queue, long deliverAtMs) {}
}
