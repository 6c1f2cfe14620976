package io.escrowmq.tx;

/**
 * Who wants a transaction decided, for the audit record.
 *
 * @param kind by which way
 * @param identity client id, user name or rule name; not empty
 * @param reason free text, may be empty
 */
public record Decider(Kind kind, String identity, String reason) {

  /** The ways to decide. */
  public enum Kind {
    /** The producer said so by itself. */
    PRODUCER,
    /** A member of the producer group answered a question of ours. */
    CHECK_ANSWER,
    /** A person, or a tool on behalf of one. */
    OPERATOR,
    /** The coordinator, following a configured rule. */
    POLICY
  }

  /** The producer's own END. */
  public static Decider producer(String clientId) {
    return new Decider(Kind.PRODUCER, clientId, "");
  }

  /** An answer to a question. */
  public static Decider checkAnswer(String clientId) {
    return new Decider(Kind.CHECK_ANSWER, clientId, "");
  }

  /** An operator, with the reason given. */
  public static Decider operator(String user, String reason) {
    return new Decider(Kind.OPERATOR, user, reason);
  }
}
