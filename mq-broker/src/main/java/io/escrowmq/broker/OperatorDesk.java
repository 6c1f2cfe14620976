package io.escrowmq.broker;

import io.escrowmq.spi.protocol.transactions.AuditEvent;
import io.escrowmq.spi.protocol.transactions.CheckRulesDesk;
import io.escrowmq.spi.protocol.transactions.PullChecks;
import io.escrowmq.spi.protocol.transactions.TransactionDesk;
import io.escrowmq.spi.protocol.transactions.TransactionEntry;
import io.escrowmq.tx.AuditRecord;
import io.escrowmq.tx.Decider;
import io.escrowmq.tx.EndOutcome;
import io.escrowmq.tx.EndRequest;
import io.escrowmq.tx.Handle;
import io.escrowmq.tx.OperatorDecisions;
import io.escrowmq.tx.OperatorOutcome;
import io.escrowmq.tx.ParkReason;
import io.escrowmq.tx.RegisterEntry;
import io.escrowmq.tx.RegisterQuery;
import io.escrowmq.tx.RegisterState;
import io.escrowmq.tx.TransactionRegister;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Translates between the door and the register and decisions of the transaction coordinator. */
final class OperatorDesk implements TransactionDesk {

  private static final int MAX_TRAIL = 1000;

  private final TransactionRegister register;
  private final OperatorDecisions decisions;
  private final CheckRulesDesk rules;
  private final Function<EndRequest, CompletionStage<EndOutcome>> decider;
  private final Gate gate;

  OperatorDesk(
      TransactionRegister register,
      OperatorDecisions decisions,
      CheckRulesDesk rules,
      Function<EndRequest, CompletionStage<EndOutcome>> decider,
      Gate gate) {
    this.register = register;
    this.decisions = decisions;
    this.rules = rules;
    this.decider = decider;
    this.gate = gate;
  }

  @Override
  public PullChecks pullChecks() {
    return this::answered;
  }

  @Override
  public CheckRulesDesk rules() {
    return rules;
  }

  @Override
  public Page list(Query query) {
    return checked(() -> {
      TransactionRegister.Page page =
          register.list(
              new RegisterQuery(
                  query.states().stream()
                      .map(state -> RegisterState.valueOf(state.name()))
                      .collect(Collectors.toSet()),
                  query.producerGroup(),
                  query.topic(),
                  query.key(),
                  query.minAgeMs(),
                  query.limit(),
                  query.cursor()));
      return new Page(page.entries().stream().map(OperatorDesk::entry).toList(), page.cursor());
    });
  }

  @Override
  public Optional<Details> find(String handle) {
    return checked(() -> {
      Handle parsed = Handle.parse(handle);
      return register
          .find(parsed)
          .map(found ->
              new Details(
                  entry(found.entry()),
                  found.events().stream().map(this::event).toList(),
                  decisions.proposal(parsed).map(OperatorDesk::proposal)));
    });
  }

  @Override
  public Trail trail(TrailQuery query) {
    return checked(() -> {
      if (query.limit() < 1 || query.limit() > MAX_TRAIL) {
        throw new IllegalArgumentException("the limit is 1 to " + MAX_TRAIL + ": " + query.limit());
      }
      TransactionRegister.Events events =
          register.events(
              new TransactionRegister.EventQuery(
                  query.events(),
                  query.fromMs(),
                  query.toMs(),
                  query.newestFirst(),
                  query.limit(),
                  query.cursor()));
      return new Trail(
          events.events().stream().map(this::event).toList(), events.complete(), events.cursor());
    });
  }

  @Override
  public Verdict decide(
      String handle, TransactionEntry.Decision decision, String operator, String reason) {
    return checked(() -> {
      gate.checkOpen();
      Handle parsed = Handle.parse(handle);
      return switch (decisions.decide(parsed, decision(decision), operator, reason)) {
        case OperatorOutcome.Ended ended -> verdict(ended.outcome());
        case OperatorOutcome.Proposed it -> new Verdict.Proposed(proposal(it.proposal()));
        case OperatorOutcome.OwnProposal it ->
            new Verdict.SecondOperatorNeeded(proposal(it.proposal()));
        case OperatorOutcome.OtherProposal it -> new Verdict.OtherProposed(proposal(it.proposal()));
      };
    });
  }

  @Override
  public boolean rearm(String handle, String operator, String reason) {
    return checked(() -> {
      gate.checkOpen();
      return decisions.rearm(Handle.parse(handle), operator, reason);
    });
  }

  @Override
  public boolean withdraw(String handle, String operator, String reason) {
    return checked(() -> {
      gate.checkOpen();
      return decisions.withdraw(Handle.parse(handle), operator, reason);
    });
  }

  @Override
  public List<Proposal> proposals() {
    return checked(() -> decisions.proposals().stream().map(OperatorDesk::proposal).toList());
  }

  private Verdict answered(
      String handle, String group, TransactionEntry.Decision decision, String identity) {
    return checked(() -> {
      gate.checkOpen();
      Decider answerer = new Decider(Decider.Kind.PULL_CHECK, identity, "");
      EndRequest request =
          new EndRequest(Handle.parse(handle), group, Optional.of(decision(decision)), answerer);
      EndOutcome outcome = Failures.await(decider.apply(request));
      return outcome instanceof EndOutcome.GroupMismatch
          ? new Verdict.NotFound()
          : verdict(outcome);
    });
  }

  private static Verdict verdict(EndOutcome outcome) {
    return switch (outcome) {
      case EndOutcome.Decided decided -> new Verdict.Decided(decision(decided.decision()), false);
      case EndOutcome.Repeated repeated -> new Verdict.Decided(decision(repeated.decision()), true);
      case EndOutcome.Conflict conflict -> new Verdict.Conflict(decision(conflict.recorded()));
      case EndOutcome.NotFound _ -> new Verdict.NotFound();
      case EndOutcome.GroupMismatch _, EndOutcome.Unknown _ ->
          throw new IllegalStateException("no answer to an operator: " + outcome);
    };
  }

  private static TransactionEntry entry(RegisterEntry it) {
    return new TransactionEntry(
        it.handle().toString(),
        TransactionEntry.State.valueOf(it.state().name()),
        it.producerGroup(),
        it.uniqueKey(),
        it.queue(),
        it.heldAtMs(),
        it.attempts(),
        it.deliverAtMs(),
        it.open()
            .map(open ->
                new TransactionEntry.Open(
                    open.sender(),
                    open.nextCheckAtMs(),
                    open.lastAsked(),
                    open.lastAskedAtMs(),
                    open.parked().map(ParkReason::name).orElse(""))),
        it.decided()
            .map(decided ->
                new TransactionEntry.Decided(
                    decision(decided.decision()),
                    decided.by(),
                    decided.identity(),
                    decided.reason(),
                    decided.atMs(),
                    decided.queueOffset())));
  }

  private AuditEvent event(AuditRecord it) {
    boolean committed =
        it.decision().filter(decision -> decision == io.escrowmq.tx.Decision.COMMIT).isPresent();
    return new AuditEvent(
        it.offset(),
        it.event(),
        it.atMs(),
        it.handle().toString(),
        it.producerGroup(),
        it.uniqueKey(),
        it.queue(),
        it.by(),
        it.identity(),
        it.reason(),
        it.decision().map(OperatorDesk::decision),
        committed ? register.queueOffset(it.handle()) : -1,
        it.more());
  }

  private static Proposal proposal(io.escrowmq.tx.Proposal it) {
    return new Proposal(
        it.handle().toString(),
        decision(it.decision()),
        it.operator(),
        it.reason(),
        it.atMs(),
        it.untilMs());
  }

  private static TransactionEntry.Decision decision(io.escrowmq.tx.Decision decision) {
    return switch (decision) {
      case COMMIT -> TransactionEntry.Decision.COMMIT;
      case ROLLBACK -> TransactionEntry.Decision.ROLLBACK;
    };
  }

  private static io.escrowmq.tx.Decision decision(TransactionEntry.Decision decision) {
    return switch (decision) {
      case COMMIT -> io.escrowmq.tx.Decision.COMMIT;
      case ROLLBACK -> io.escrowmq.tx.Decision.ROLLBACK;
    };
  }

  private static <T> T checked(Supplier<T> call) {
    return Failures.translate(
        call, "docs/transactions.md describes handles, cursors, limits and decisions by hand.");
  }
}
