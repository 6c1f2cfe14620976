package io.escrowmq.tx;

import io.escrowmq.spi.storage.Message;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The way to producers; the broker implements it. Thread-safe. When a producer connects or
 * announces its group, the broker calls {@link TransactionCoordinator#memberArrived(String)}.
 */
public interface CheckChannel {

  /** True if an instance of the producer group is connected now. Cheap, never blocks. */
  boolean reachable(String producerGroup);

  /**
   * Sends the question to one live member of the group. Does not wait for the answer, which comes
   * as an {@link EndRequest} of kind {@link Decider.Kind#CHECK_ANSWER}.
   *
   * <p>Choice of the member: {@link Question#preferredClientId()} if it is connected and is not the
   * one to avoid; else any other in turn; the one to avoid only if it is alone.
   *
   * @return {@link Asked.Written} once the question was written to the connection, {@link
   *     Asked.Busy} if every member has had its share of questions for now, {@link
   *     Asked.NotWritten} if there was no connection or the write failed. Completing exceptionally
   *     means the same as not written, and is logged.
   */
  CompletionStage<Asked> ask(Question question);

  /**
   * A question about one transaction.
   *
   * @param message the held message as it would become visible
   * @param attempt 1 for the first question that reaches a producer
   * @param preferredClientId the instance that sent the half message
   * @param avoidClientId an instance that was asked and did not answer
   */
  record Question(
      Handle handle,
      String producerGroup,
      Message message,
      int attempt,
      String preferredClientId,
      Optional<String> avoidClientId) {}

  /** Whether a question left. */
  sealed interface Asked {

    /** Written to a live connection of this instance. Counts as an attempt. */
    record Written(String clientId) implements Asked {}

    /** As written, and the one that was asked wants to be left alone for this time. */
    record Later(String clientId, Duration after) implements Asked {}

    /** Everybody there was asked enough for now. Does not count; tried again soon. */
    record Busy() implements Asked {}

    /** Nobody got it. Does not count. */
    record NotWritten() implements Asked {}
  }
}
