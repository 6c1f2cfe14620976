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
    /** A service of the producer group answered over HTTP. */
    HTTP_CHECK,
    /** The journal table of the producer group's database says so. */
    SQL_CHECK,
    /** The producer group looked by itself what is open, and answered. */
    PULL_CHECK,
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

  /** True if this answers for the producer group that sent the half message. */
  boolean answersForGroup() {
    return switch (kind) {
      case CHECK_ANSWER, HTTP_CHECK, SQL_CHECK, PULL_CHECK -> true;
      case PRODUCER, OPERATOR, POLICY -> false;
    };
  }

  /** An operator, with the reason given. */
  public static Decider operator(String user, String reason) {
    return new Decider(Kind.OPERATOR, user, reason);
  }
}
