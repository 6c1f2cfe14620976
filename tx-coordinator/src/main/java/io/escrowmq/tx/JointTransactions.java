package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteReceipt;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Transactions of several messages: opened, added to, and decided once for all of them, in one
 * atomic batch. Undecided ones are asked about as single ones are. Thread-safe and non-blocking;
 * what is said of failures at {@link TransactionCoordinator} holds here too: repeating a call is
 * always safe.
 */
public final class JointTransactions {

  /** Most messages in one transaction: its decision must fit into one batch of the store. */
  public static final int MAX_HOLDS = 1024;

  /** Where anchors go when they are committed; nobody else sends there. */
  public static final QueueId QUEUE = new QueueId("EMQ_SYS_TX_JOINT", 0);

  private static final int MAX_TRIES = 64;

  private final Storage storage;
  private final TimeSource time;
  private final Handles handles;
  private final Decisions decisions;
  private final JointDecisions jointly;
  private final EventRelay events;
  private final Agenda agenda;
  private final HoldReader reader;
  private final JointRows rows;
  private final JointCommitted committed;
  private final BlockingReads blockingReads;
  private final Turns turns = new Turns();

  JointTransactions(
      Storage storage,
      TimeSource time,
      Handles handles,
      CheckScheduler.Parts parts,
      BlockingReads blockingReads) {
    this.storage = storage;
    this.time = time;
    this.handles = handles;
    this.decisions = parts.decisions();
    this.jointly = new JointDecisions(handles);
    this.events = parts.events();
    this.agenda = parts.agenda();
    this.reader = new HoldReader(storage);
    this.rows = new JointRows(storage);
    this.committed = new JointCommitted(storage, handles);
    this.blockingReads = blockingReads;
  }

  /** Begins a transaction, or finds the one that was begun under this key. */
  public CompletionStage<JointOutcome.OfOpen> open(JointOpening opening) {
    Handle handle = handles.joint(opening.producerGroup(), opening.key());
    long nowMs = time.nowMs();
    HalfMessage half =
        new HalfMessage(
            opening.producerGroup(),
            opening.clientId(),
            QUEUE,
            Optional.of(opening.key()),
            ByteBuffer.allocate(0),
            opening.immunity(),
            0,
            transaction -> JointDecisions.anchor(opening, transaction, nowMs));
    HoldAttributes attributes = decisions.attributesFor(half, nowMs);
    return storage
        .write(decisions.hold(handle, half, half.encode().apply(handle), attributes))
        .thenCompose(receipt -> opened(half, handle, attributes, receipt.outcome(0)));
  }

  /** Holds one more message. Repeating the call for the same message finds the first one. */
  public CompletionStage<JointOutcome.OfAdd> add(JointMessage message) {
    Bytes digest = digest(message);
    return turns.take(message.transaction(), () -> add(message, digest, 1));
  }

  /** Decides, or says why not. Repeating the call never changes a decision. */
  public CompletionStage<JointOutcome.OfEnd> end(JointEnd end) {
    return turns.take(end.transaction(), () -> end(end, 1));
  }

  /** How the transaction stands now. */
  public CompletionStage<JointView> view(Handle transaction) {
    return blockingReads.submit(() ->
        switch (reader.read(transaction)) {
          case Known.Nothing _ -> new JointView(JointView.State.UNKNOWN, "", List.of());
          case Known.Committed _ -> new JointView(JointView.State.COMMITTED, "", List.of());
          case Known.RolledBack _ -> new JointView(JointView.State.ROLLED_BACK, "", List.of());
          case Known.Open open -> view(transaction, open);
        });
  }

  /** The decision of somebody who knows the transaction only as one: it is about all of it. */
  CompletionStage<EndOutcome> endAll(EndRequest request) {
    JointEnd end =
        new JointEnd(
            request.handle(),
            request.producerGroup(),
            request.decision().orElseThrow(),
            Optional.empty(),
            request.decider());
    return end(end)
        .thenApply(outcome ->
            switch (outcome) {
              case JointOutcome.Decided it ->
                  it.repeated()
                      ? new EndOutcome.Repeated(it.decision(), -1, -1)
                      : new EndOutcome.Decided(it.decision(), -1, -1, 0);
              case JointOutcome.Conflict it -> new EndOutcome.Conflict(it.recorded());
              case JointOutcome.OtherMessages _ ->
                  throw new IllegalStateException("a commit of all names no others");
              case JointOutcome.GroupMismatch it ->
                  new EndOutcome.GroupMismatch(it.recordedGroup());
              case JointOutcome.NotFound _ -> new EndOutcome.NotFound();
              case JointOutcome.Incomplete it ->
                  throw new IllegalStateException(
                      "the store lost messages of "
                          + request.handle()
                          + ", numbers "
                          + it.missing()
                          + ": run its verification");
            });
  }

  private CompletionStage<JointOutcome.OfOpen> opened(
      HalfMessage half, Handle handle, HoldAttributes attributes, Outcome outcome) {
    return switch (outcome.result()) {
      case APPLIED -> {
        agenda.opened(attributes.producerGroup(), handle, attributes.firstCheckAtMs());
        events.publish(
            new TransactionEvent.Prepared(handle, attributes.producerGroup(), half.queue()));
        yield CompletableFuture.completedFuture(new JointOutcome.Opened(handle, false));
      }
      case ALREADY_HELD ->
          blockingReads.submit(() ->
              switch (reader.read(handle)) {
                case Known.Open open when open.attributes().sameOrigin(half) ->
                    new JointOutcome.Opened(handle, true);
                case Known.Open _ ->
                    throw new IllegalStateException(
                        "two transactions share the handle "
                            + handle
                            + "; open this one with another"
                            + " key");
                case Known.Committed _ -> new JointOutcome.AlreadyDecided(handle, Decision.COMMIT);
                case Known.RolledBack _ ->
                    new JointOutcome.AlreadyDecided(handle, Decision.ROLLBACK);
                case Known.Nothing _ ->
                    throw new IllegalStateException(
                        "the store says " + handle + " is held and does not know it");
              });
      case ALREADY_RELEASED ->
          CompletableFuture.completedFuture(
              new JointOutcome.AlreadyDecided(handle, Decision.COMMIT));
      case ALREADY_DISCARDED ->
          CompletableFuture.completedFuture(
              new JointOutcome.AlreadyDecided(handle, Decision.ROLLBACK));
      case NOT_APPLIED, PRECONDITION_FAILED, UNKNOWN ->
          throw new IllegalStateException("the store answered " + outcome + " to a hold");
    };
  }

  /** What an addition has to know. */
  private record Before(Known known, long version, Optional<JointRows.Member> same) {}

  private CompletionStage<JointOutcome.OfAdd> add(JointMessage message, Bytes digest, int tries) {
    Handle transaction = message.transaction();
    return blockingReads
        .submit(() ->
            new Before(
                reader.read(transaction),
                rows.version(transaction),
                rows.member(transaction, message.sequence())))
        .thenCompose(before ->
            switch (before.known()) {
              case Known.Nothing _ -> done(new JointOutcome.NotFound());
              case Known.Committed _ ->
                  done(new JointOutcome.AlreadyDecided(transaction, Decision.COMMIT));
              case Known.RolledBack _ ->
                  done(new JointOutcome.AlreadyDecided(transaction, Decision.ROLLBACK));
              case Known.Open open -> add(message, digest, before, open, tries);
            });
  }

  private CompletionStage<JointOutcome.OfAdd> add(
      JointMessage message, Bytes digest, Before before, Known.Open open, int tries) {
    if (!JointDecisions.isAnchor(open)) {
      return done(new JointOutcome.NotFound());
    }
    String group = open.attributes().producerGroup();
    if (!group.equals(message.producerGroup())) {
      return done(new JointOutcome.GroupMismatch(group));
    }
    if (before.same().isPresent()) {
      JointRows.Member same = before.same().get();
      return done(
          same.digest().equals(digest)
              ? new JointOutcome.Added(same.queue(), true)
              : new JointOutcome.Different(message.sequence()));
    }
    return storage
        .write(jointly.add(message, digest, before.version()))
        .thenCompose(receipt -> added(message, digest, receipt, tries));
  }

  private CompletionStage<JointOutcome.OfAdd> added(
      JointMessage message, Bytes digest, WriteReceipt receipt, int tries) {
    Handle transaction = message.transaction();
    if (!receipt.applied()) {
      requireMoreTries(transaction, tries);
      return add(message, digest, tries + 1);
    }
    Outcome.Result held = receipt.outcome(JointDecisions.HOLD_IN_ADD).result();
    if (held == Outcome.Result.APPLIED) {
      return done(new JointOutcome.Added(message.queue(), false));
    }
    // A delayed message of a forgotten transaction with the same key is remembered longer than it.
    return storage
        .write(JointDecisions.remove(transaction, message.sequence()))
        .thenApply(_ -> new JointOutcome.KeyUsed(message.sequence()));
  }

  /** What a decision has to know; the register is empty unless the transaction is open. */
  private record Facts(Known known, JointRows.Register register) {}

  private CompletionStage<JointOutcome.OfEnd> end(JointEnd end, int tries) {
    return blockingReads
        .submit(() -> {
          // The register first: its version proves that nothing was added since.
          JointRows.Register register = rows.read(end.transaction());
          return new Facts(reader.read(end.transaction()), register);
        })
        .thenCompose(facts ->
            facts.known() instanceof Known.Open open
                ? endOpen(end, open, facts.register(), tries)
                : endDecided(end, facts.known()));
  }

  private CompletionStage<JointOutcome.OfEnd> endOpen(
      JointEnd end, Known.Open open, JointRows.Register register, int tries) {
    if (!JointDecisions.isAnchor(open)) {
      return done(new JointOutcome.NotFound());
    }
    if (!Decisions.mayDecide(end.decider(), end.producerGroup(), open)) {
      return done(new JointOutcome.GroupMismatch(open.attributes().producerGroup()));
    }
    List<Integer> absent = JointDecisions.absent(end, register);
    if (!absent.isEmpty()) {
      return done(new JointOutcome.Incomplete(absent));
    }
    JointDecisions.Attempt attempt = jointly.decide(end, open, register, time.nowMs());
    return storage
        .write(attempt.batch())
        .thenCompose(receipt -> {
          if (receipt.applied()) {
            return done(decided(end, open, JointDecisions.placed(attempt, register, receipt)));
          }
          List<Integer> missing = attempt.missing(receipt);
          if (!missing.isEmpty() && tries > 1) {
            return done(new JointOutcome.Incomplete(missing));
          }
          requireMoreTries(end.transaction(), tries);
          return end(end, tries + 1);
        });
  }

  private JointOutcome.OfEnd decided(
      JointEnd end, Known.Open open, List<JointOutcome.Placed> placed) {
    HoldAttributes attributes = open.attributes();
    agenda.decided(attributes.producerGroup(), end.transaction(), attributes.firstCheckAtMs());
    events.publish(
        new TransactionEvent.Decided(
            end.transaction(),
            end.decision(),
            end.decider(),
            Math.max(0, time.nowMs() - attributes.heldAtMs()),
            attributes.attempts()));
    for (JointOutcome.Placed one : placed) {
      if (one.visibleAtMs() > 0) {
        events.publish(
            new TransactionEvent.Scheduled(
                handles.member(end.transaction(), one.sequence()), one.visibleAtMs()));
      }
    }
    return new JointOutcome.Decided(end.decision(), false, placed);
  }

  private CompletionStage<JointOutcome.OfEnd> endDecided(JointEnd end, Known known) {
    EndRequest request =
        new EndRequest(
            end.transaction(), end.producerGroup(), Optional.of(end.decision()), end.decider());
    return switch (decisions.end(request, known, time.nowMs())) {
      case Decisions.EndStep.ReplyAfter reply ->
          conflict(request, reply, new JointOutcome.Conflict(reply.outcome().recorded()));
      case Decisions.EndStep.Reply reply ->
          reply.outcome() instanceof EndOutcome.Repeated repeated
              ? repeated(end, request, repeated.decision())
              : done(new JointOutcome.NotFound());
      case Decisions.EndStep.Try _ ->
          throw new IllegalStateException(end.transaction() + " is open and decided at once");
    };
  }

  private CompletionStage<JointOutcome.OfEnd> conflict(
      EndRequest request, Decisions.EndStep.ReplyAfter reply, JointOutcome.OfEnd answer) {
    Decision recorded = reply.outcome().recorded();
    return storage
        .write(reply.note())
        .thenApply(_ -> {
          events.publish(
              new TransactionEvent.Conflicted(
                  request.handle(), recorded, request.decision().orElseThrow(), request.decider()));
          return answer;
        });
  }

  /** The same decision again; of a commit it is the same only if it names the same messages. */
  private CompletionStage<JointOutcome.OfEnd> repeated(
      JointEnd end, EndRequest request, Decision decision) {
    if (decision == Decision.ROLLBACK || end.named().isEmpty()) {
      return done(new JointOutcome.Decided(decision, true, List.of()));
    }
    return blockingReads
        .submit(() -> committed.of(end.transaction()))
        .thenCompose(placed -> {
          List<Integer> numbers = placed.stream().map(JointOutcome.Placed::sequence).toList();
          return numbers.equals(List.copyOf(end.named().get()))
              ? done(new JointOutcome.Decided(decision, true, placed))
              : conflict(
                  request,
                  decisions.conflict(request, decision, time.nowMs()),
                  new JointOutcome.OtherMessages(numbers));
        });
  }

  private JointView view(Handle transaction, Known.Open open) {
    if (!JointDecisions.isAnchor(open)) {
      return new JointView(JointView.State.UNKNOWN, "", List.of());
    }
    List<JointView.Member> members = new ArrayList<>();
    rows.read(transaction)
        .members()
        .forEach((sequence, member) ->
            members.add(new JointView.Member(sequence, member.queue(), member.deliverAtMs())));
    boolean parked = open.attributes().parked().isPresent();
    return new JointView(
        parked ? JointView.State.PARKED : JointView.State.OPEN,
        open.attributes().producerGroup(),
        members);
  }

  private static Bytes digest(JointMessage message) {
    ByteBuffer body = message.body().duplicate();
    byte[] topic = message.queue().topic().getBytes(UTF_8);
    byte[] properties = message.properties().getBytes(UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(
            2 * Integer.BYTES + topic.length + properties.length + body.remaining());
    all.putInt(topic.length).put(topic).putInt(properties.length).put(properties).put(body);
    return Bytes.wrap(Handles.shortDigest(all.array()));
  }

  private static void requireMoreTries(Handle transaction, int tries) {
    if (tries >= MAX_TRIES) {
      throw new IllegalStateException(
          "the store refuses to change " + transaction + " and says it is undecided");
    }
  }

  private static <T extends JointOutcome> CompletionStage<T> done(T outcome) {
    return CompletableFuture.completedFuture(outcome);
  }
}
