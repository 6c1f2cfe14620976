package io.escrowmq.tx;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Finds out without a connected producer what became of a local transaction: asks a service, or a
 * database. Thread-safe.
 */
public interface ExternalCheck extends AutoCloseable {

  /** By which way it decides. */
  Decider.Kind kind();

  /** What the audit record calls it, for example the address it asks. */
  String name();

  /** Most questions under way at once; others wait. */
  int maxConcurrent();

  /**
   * Asks. Never blocks; completes within 10 s. Completing exceptionally means that nobody was
   * reached: it does not count as a question.
   */
  CompletionStage<Answer> ask(CheckChannel.Question question);

  @Override
  void close();

  /** What came back. */
  sealed interface Answer {

    /** It is decided. */
    record Decided(Decision decision) implements Answer {}

    /** Not known yet: asked again by the rules. */
    record Unknown() implements Answer {}

    /** Not known yet, and not before this time has passed. */
    record Later(Duration after) implements Answer {}
  }
}
