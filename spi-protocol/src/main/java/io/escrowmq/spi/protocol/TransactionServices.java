package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.Message;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Ending transactions. Non-blocking where nothing else is said. */
public interface TransactionServices {

  /** A producer's decision about its half message, by itself or as the answer to a check. */
  CompletionStage<Ended> end(EndRequest request);

  /**
   * The half message of a transaction about which nobody is asked any more, for people who look
   * after it. Its offset is not its handle's: whoever sees it cannot end it. Blocks.
   *
   * @param position the number that the id of the half message carries
   */
  Optional<Message> parked(long position);

  /**
   * Lets such a transaction be asked about again, from the first question on.
   *
   * @param position the number that the id of the half message carries
   * @param operator who wants that, for the audit record
   * @return false if no such transaction of the topic is parked now
   */
  CompletionStage<Boolean> resumeChecks(String topic, long position, String operator);

  /** What a producer can say. */
  enum Decision {
    COMMIT,
    ROLLBACK,
    /** Not known yet: changes nothing, the server asks again. */
    UNKNOWN
  }

  /**
   * A producer's word.
   *
   * @param clientId id of the client or its address
   * @param transactionId what the client calls the transaction, empty if it did not say
   * @param fromCheck true if this answers a check-back
   */
  record EndRequest(
      TransactionHandle handle,
      String producerGroup,
      String clientId,
      String transactionId,
      Decision decision,
      boolean fromCheck) {}

  /** What came of it. */
  sealed interface Ended {

    /** This call decided, or repeated what was decided before. */
    record Decided(Decision decision, boolean repeated) implements Ended {}

    /** The transaction was decided the other way before; nothing changed. */
    record Conflict(Decision recorded) implements Ended {}

    /** No such transaction, or it was decided longer ago than decisions are kept. */
    record NotFound() implements Ended {}

    /** The half message was sent by another producer group; nothing changed. */
    record WrongGroup() implements Ended {}

    /** The producer said unknown; the transaction stays open. */
    record StillOpen() implements Ended {}
  }
}
