package io.escrowmq.spi.protocol.transactions;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where operators look at transactions and decide by hand. Handles are 32 hexadecimal digits.
 * Blocking, thread-safe; wrong input is a {@link io.escrowmq.spi.protocol.BrokerException} with
 * {@code INVALID_PARAMETER}.
 */
public interface TransactionDesk {

  /**
   * Lists transactions: parked ones, then held ones, then decided ones, newest first. Looks at a
   * bounded number for each page, so a page may be short, or empty, and not the last.
   */
  Page list(Query query);

  /** A transaction with its history, or empty if nothing is known of it. */
  Optional<Details> find(String handle);

  /** Records of the audit trail. */
  Trail trail(TrailQuery query);

  /** Decides by hand; where the four-eyes rule is on, proposes or confirms. */
  Verdict decide(String handle, TransactionEntry.Decision decision, String operator, String reason);

  /**
   * Lets a parked transaction be asked about again.
   *
   * @return false if it is not parked now
   */
  boolean rearm(String handle, String operator, String reason);

  /**
   * Takes back what was proposed about the transaction.
   *
   * @return false if nothing is proposed
   */
  boolean withdraw(String handle, String operator, String reason);

  /** For producer groups that look by themselves. */
  PullChecks pullChecks();

  /** When and how often producers are asked. */
  CheckRulesDesk rules();

  /** What waits for a second operator, at most 1000. */
  List<Proposal> proposals();

  /**
   * Which transactions are wanted; all conditions must hold.
   *
   * @param states empty: the undecided ones, or with a key all
   * @param minAgeMs time since the half message came, at least, milliseconds
   * @param limit most entries wanted, 1 to 1000
   * @param cursor what the previous page gave; empty for the first page
   */
  record Query(
      Set<TransactionEntry.State> states,
      Optional<String> producerGroup,
      Optional<String> topic,
      Optional<String> key,
      long minAgeMs,
      int limit,
      Optional<String> cursor) {
    public Query {
      states = Set.copyOf(states);
    }
  }

  /**
   * Some transactions.
   *
   * @param cursor where to go on; empty if that was all
   */
  record Page(List<TransactionEntry> entries, Optional<String> cursor) {}

  /**
   * A transaction and what happened to it.
   *
   * @param events newest first
   * @param proposal what waits for a second operator
   */
  record Details(TransactionEntry entry, List<AuditEvent> events, Optional<Proposal> proposal) {}

  /**
   * Which records of the audit trail are wanted.
   *
   * @param events {@code DECIDED}, {@code CONFLICT} and others; empty for all
   * @param fromMs first store time, inclusive, milliseconds since the epoch
   * @param toMs last store time, exclusive, milliseconds since the epoch
   * @param limit most records wanted, 1 to 1000
   * @param cursor what the previous page gave; empty for the first page
   */
  record TrailQuery(
      Set<String> events,
      long fromMs,
      long toMs,
      boolean newestFirst,
      int limit,
      Optional<String> cursor) {
    public TrailQuery {
      events = Set.copyOf(events);
    }
  }

  /**
   * Some records.
   *
   * @param complete false if the trail no longer reaches back to the beginning of the time wanted
   * @param cursor where to go on; empty if that was all
   */
  record Trail(List<AuditEvent> events, boolean complete, Optional<String> cursor) {}

  /**
   * A decision that waits for a second operator.
   *
   * @param atMs when it was proposed, milliseconds since the epoch
   * @param untilMs from then on it counts no more, milliseconds since the epoch
   */
  record Proposal(
      String handle,
      TransactionEntry.Decision decision,
      String operator,
      String reason,
      long atMs,
      long untilMs) {}

  /** What came of a decision by hand. */
  sealed interface Verdict {

    /** It is decided so, now or before. */
    record Decided(TransactionEntry.Decision decision, boolean repeated) implements Verdict {}

    /** It was decided the other way before; nothing changed. */
    record Conflict(TransactionEntry.Decision recorded) implements Verdict {}

    /** No such transaction, or it was decided longer ago than decisions are kept. */
    record NotFound() implements Verdict {}

    /** Noted: a second operator has to ask for the same. */
    record Proposed(Proposal proposal) implements Verdict {}

    /** The same operator proposed it before; it takes another one. */
    record SecondOperatorNeeded(Proposal proposal) implements Verdict {}

    /** The other decision is proposed: withdraw it first. */
    record OtherProposed(Proposal proposal) implements Verdict {}
  }
}
