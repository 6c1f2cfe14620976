package io.escrowmq.tx;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Decisions by people, each with a reason, and where the four-eyes rule is on by two of them. A
 * proposal is a row of the store, written in one batch with its audit record, and it takes a second
 * name to turn it into a decision; the decision itself goes through the coordinator like every
 * other. Blocks; throws {@link io.escrowmq.spi.storage.StorageException}. Thread-safe.
 */
public final class OperatorDecisions {

  /** Longest reason in characters. */
  public static final int MAX_REASON = 500;

  /** Longest name of an operator in characters. */
  public static final int MAX_OPERATOR = 128;

  /** Decisions that wait for a second operator, by hold id. */
  static final String PROPOSALS_TABLE = "tx-proposals";

  private static final int MAX_TRIES = 5;
  private static final int MAX_LISTED = 1000;

  private final Storage storage;
  private final TimeSource time;
  private final TransactionCoordinator coordinator;
  private final FourEyes fourEyes;
  private final HoldReader reader;

  /** Decisions over the store of the coordinator. */
  public OperatorDecisions(
      Storage storage, TimeSource time, TransactionCoordinator coordinator, FourEyes fourEyes) {
    this.storage = storage;
    this.time = time;
    this.coordinator = coordinator;
    this.fourEyes = fourEyes;
    this.reader = new HoldReader(storage);
  }

  /**
   * Whether one operator is enough.
   *
   * @param required true if it takes a second, different one
   * @param window how long a proposal waits for the second one
   */
  public record FourEyes(boolean required, Duration window) {

    /** One operator decides. */
    public static final FourEyes OFF = new FourEyes(false, Duration.ofMinutes(30));

    public FourEyes {
      if (window.isNegative() || window.isZero()) {
        throw new IllegalArgumentException("the window must be positive: " + window);
      }
    }
  }

  /**
   * Decides, proposes or confirms.
   *
   * @param operator who wants it; 1 to {@link #MAX_OPERATOR} characters
   * @param reason why; 1 to {@link #MAX_REASON} characters, not blank
   */
  public OperatorOutcome decide(Handle handle, Decision decision, String operator, String reason) {
    check(operator, reason);
    if (!fourEyes.required()) {
      return new OperatorOutcome.Ended(end(handle, decision, operator, reason));
    }
    for (int i = 0; i < MAX_TRIES; i++) {
      Known known = reader.read(handle);
      if (!(known instanceof Known.Open open)) {
        // Decided or unknown: the coordinator tells, and notes a conflict; it can decide nothing.
        return new OperatorOutcome.Ended(end(handle, decision, operator, reason));
      }
      Optional<OperatorOutcome> outcome = step(handle, open, decision, operator, reason);
      if (outcome.isPresent()) {
        return outcome.get();
      }
    }
    throw new IllegalStateException(
        "others decide about " + handle + " at the same time; look at it again");
  }

  /**
   * Lets a parked transaction be asked about again. One operator is enough: nothing is decided.
   *
   * @return false if it is not parked now
   */
  public boolean rearm(Handle handle, String operator, String reason) {
    check(operator, reason);
    return await(coordinator.rearm(handle, Decider.operator(operator, reason)));
  }

  /**
   * Takes a proposal back, one's own or another's.
   *
   * @return false if there is none
   */
  public boolean withdraw(Handle handle, String operator, String reason) {
    check(operator, reason);
    Optional<TableRow> row = storage.tables().get(PROPOSALS_TABLE, key(handle));
    if (row.isEmpty()) {
      return false;
    }
    Proposal proposal = Proposal.decode(row.get().value());
    return await(
            storage.write(
                WriteBatch.of(
                    require(row.get()),
                    new Mutation.Delete(PROPOSALS_TABLE, row.get().key()),
                    audit(
                        AuditTrail.Event.WITHDRAWN,
                        subject(handle),
                        Decider.operator(operator, reason),
                        proposal))))
        .applied();
  }

  /** The proposal about the transaction that counts now. */
  public Optional<Proposal> proposal(Handle handle) {
    return storage
        .tables()
        .get(PROPOSALS_TABLE, key(handle))
        .map(row -> Proposal.decode(row.value()))
        .filter(proposal -> !proposal.expired(time.nowMs()));
  }

  /** All proposals that count now, at most 1000. */
  public List<Proposal> proposals() {
    return rows().stream()
        .map(row -> Proposal.decode(row.value()))
        .filter(proposal -> !proposal.expired(time.nowMs()))
        .toList();
  }

  /** One try under the four-eyes rule; empty if somebody else was quicker. */
  private Optional<OperatorOutcome> step(
      Handle handle, Known.Open open, Decision decision, String operator, String reason) {
    Optional<TableRow> row = storage.tables().get(PROPOSALS_TABLE, key(handle));
    Optional<Proposal> pending =
        row.map(it -> Proposal.decode(it.value())).filter(it -> !it.expired(time.nowMs()));
    if (pending.isEmpty()) {
      return propose(handle, open, row, decision, Decider.operator(operator, reason));
    }
    Proposal proposal = pending.get();
    if (proposal.decision() != decision) {
      return Optional.of(new OperatorOutcome.OtherProposal(proposal));
    }
    if (proposal.confirmedBy().isEmpty()) {
      if (proposal.operator().equals(operator)) {
        return Optional.of(new OperatorOutcome.OwnProposal(proposal));
      }
      if (!confirm(handle, open, row.orElseThrow(), proposal, operator, reason)) {
        return Optional.empty();
      }
      proposal = proposal.confirmed(operator);
    }
    String both = reason + " (proposed by " + proposal.operator() + ": " + proposal.reason() + ")";
    EndOutcome outcome = end(handle, decision, proposal.confirmedBy(), both);
    discardOutdated(handle);
    return Optional.of(new OperatorOutcome.Ended(outcome));
  }

  private Optional<OperatorOutcome> propose(
      Handle handle,
      Known.Open open,
      Optional<TableRow> expired,
      Decision decision,
      Decider decider) {
    long nowMs = time.nowMs();
    Proposal proposal =
        new Proposal(
            handle,
            decision,
            decider.identity(),
            decider.reason(),
            nowMs,
            nowMs + fourEyes.window().toMillis(),
            "");
    long version = expired.map(TableRow::version).orElse(Mutation.Require.ABSENT);
    boolean applied =
        await(
                storage.write(
                    WriteBatch.of(
                        new Mutation.RequireHeld(handle.holdId()),
                        new Mutation.Require(PROPOSALS_TABLE, key(handle), version),
                        new Mutation.Put(PROPOSALS_TABLE, key(handle), proposal.encode()),
                        audit(
                            AuditTrail.Event.PROPOSED,
                            Decisions.subject(handle, open),
                            decider,
                            proposal))))
            .applied();
    return applied ? Optional.of(new OperatorOutcome.Proposed(proposal)) : Optional.empty();
  }

  /** Two names before the decision: whoever finds the row later sees that both agreed. */
  private boolean confirm(
      Handle handle,
      Known.Open open,
      TableRow row,
      Proposal proposal,
      String operator,
      String reason) {
    Proposal confirmed = proposal.confirmed(operator);
    return await(
            storage.write(
                WriteBatch.of(
                    new Mutation.RequireHeld(handle.holdId()),
                    require(row),
                    new Mutation.Put(PROPOSALS_TABLE, row.key(), confirmed.encode()),
                    audit(
                        AuditTrail.Event.CONFIRMED,
                        Decisions.subject(handle, open),
                        Decider.operator(operator, reason),
                        confirmed))))
        .applied();
  }

  private EndOutcome end(Handle handle, Decision decision, String operator, String reason) {
    return await(
        coordinator.end(
            new EndRequest(handle, "", Optional.of(decision), Decider.operator(operator, reason))));
  }

  /** Removes what was just decided, and what nobody confirmed in time. */
  private void discardOutdated(Handle decided) {
    for (TableRow row : rows()) {
      Proposal proposal = Proposal.decode(row.value());
      if (proposal.handle().equals(decided) || proposal.expired(time.nowMs())) {
        await(
            storage.write(
                WriteBatch.of(require(row), new Mutation.Delete(PROPOSALS_TABLE, row.key()))));
      }
    }
  }

  private List<TableRow> rows() {
    return storage.tables().scan(PROPOSALS_TABLE, Bytes.EMPTY, Optional.empty(), MAX_LISTED);
  }

  private AuditTrail.Subject subject(Handle handle) {
    return reader.read(handle) instanceof Known.Open open
        ? Decisions.subject(handle, open)
        : new AuditTrail.Subject(handle.toString(), "", "", "");
  }

  private Mutation.Append audit(
      AuditTrail.Event event, AuditTrail.Subject subject, Decider decider, Proposal proposal) {
    return AuditTrail.append(
        event,
        subject,
        decider,
        time.nowMs(),
        Map.of(
            "requested", proposal.decision().name(),
            "proposedBy", proposal.operator(),
            "until", proposal.untilMs()));
  }

  private static Mutation.Require require(TableRow row) {
    return new Mutation.Require(PROPOSALS_TABLE, row.key(), row.version());
  }

  private static Bytes key(Handle handle) {
    return Decisions.rowKey(handle.holdId());
  }

  private static void check(String operator, String reason) {
    if (operator.isBlank() || operator.length() > MAX_OPERATOR) {
      throw new IllegalArgumentException(
          "an operator has a name of 1 to " + MAX_OPERATOR + " characters");
    }
    if (reason.isBlank() || reason.length() > MAX_REASON) {
      throw new IllegalArgumentException(
          "a decision by hand needs a reason of 1 to " + MAX_REASON + " characters");
    }
  }

  private static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
