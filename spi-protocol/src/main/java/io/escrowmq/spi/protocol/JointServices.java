package io.escrowmq.spi.protocol;

import io.escrowmq.spi.protocol.TransactionServices.Decision;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CompletionStage;

/**
 * Transactions of several messages: open, add, decide once. Non-blocking. Every call may be
 * repeated; a repetition is answered like the first. Refusals: {@link
 * ErrorCode#TRANSACTION_NOT_FOUND}, {@link ErrorCode#TRANSACTION_DECIDED} (nothing can be added any
 * more), {@link ErrorCode#NO_PERMISSION} (another group's), and those of a send.
 */
public interface JointServices {

  /** Most messages in one transaction; their numbers are 0 to one less. */
  int MAX_MESSAGES = 1024;

  /** The topic of the message that producers are asked about. Nobody sends to it. */
  String TOPIC = "EMQ_SYS_TX_JOINT";

  /** Begins a transaction, or finds the one begun under this key. */
  CompletionStage<Opened> open(OpenRequest request);

  /** Holds one more message until the decision. */
  CompletionStage<Added> add(AddRequest request);

  /** Decides about all of them. */
  CompletionStage<Ended> end(EndRequest request);

  /** How it stands. */
  CompletionStage<View> view(String transactionId, String producerGroup);

  /**
   * A new transaction.
   *
   * @param key the producer's name for it, 1 to 255 bytes, unique within the group
   * @param clientId id of the client or its address
   * @param immunity time until the first question, if the producer wants another than usual
   */
  record OpenRequest(
      String producerGroup, String key, String clientId, Optional<Duration> immunity) {}

  /**
   * An open transaction.
   *
   * @param transactionId 32 hexadecimal digits: the capability to add and to decide
   * @param repeated true if it was open before
   */
  record Opened(String transactionId, boolean repeated) {}

  /**
   * A message to hold. Its properties may say when it wants to be delivered; a queue below 0 lets
   * the broker choose, by the sharding key if it has one.
   *
   * @param sequence the producer's number of the message
   */
  record AddRequest(String transactionId, int sequence, SendRequest message) {}

  /**
   * A held message.
   *
   * @param repeated true if it was there before
   */
  record Added(int queue, boolean repeated) {}

  /**
   * A decision.
   *
   * @param clientId id of the client or its address
   * @param named for a commit, the numbers of the messages that it is about; empty: all that were
   *     added
   * @param fromCheck true if this answers a check-back
   */
  record EndRequest(
      String transactionId,
      String producerGroup,
      String clientId,
      Decision decision,
      Optional<SortedSet<Integer>> named,
      boolean fromCheck) {}

  /** What came of a decision. */
  sealed interface Ended {

    /** This call decided, or repeated what was decided before. */
    record Decided(Decision decision, boolean repeated, List<Placed> messages) implements Ended {}

    /** It was decided otherwise before; nothing changed. */
    record Conflict(Decision recorded) implements Ended {}

    /**
     * It was committed before with other messages than are named now; nothing changed.
     *
     * @param committed their numbers, in order
     */
    record OtherMessages(List<Integer> committed) implements Ended {}

    /** These messages were not added; nothing changed, it stays open. */
    record Incomplete(List<Integer> missing) implements Ended {}

    /** The producer said unknown; it stays open. */
    record StillOpen() implements Ended {}
  }

  /**
   * A committed message.
   *
   * @param queueOffset -1 if it waits for its delivery time
   * @param visibleAtMs milliseconds since the epoch; 0 if it is visible
   */
  record Placed(int sequence, long queueOffset, long visibleAtMs) {}

  /**
   * How a transaction stands.
   *
   * @param state OPEN, PARKED, COMMITTED or ROLLED_BACK
   * @param messages what was added; empty once it is decided
   */
  record View(String state, List<Held> messages) {}

  /**
   * A held message.
   *
   * @param deliverAtMs milliseconds since the epoch; 0 for at once
   */
  record Held(int sequence, String topic, int queue, long deliverAtMs) {}
}
