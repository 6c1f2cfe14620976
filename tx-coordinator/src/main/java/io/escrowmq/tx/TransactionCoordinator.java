package io.escrowmq.tx;

import io.escrowmq.spi.storage.Escrow.HoldGroup;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Holds messages, decides each exactly once, and asks producers about the ones nobody decided.
 * Thread-safe; {@link #prepare} and {@link #end} never block and may be called on event loops.
 * Their stages complete on an engine thread or a virtual thread (do not block there), exceptionally
 * with a {@link io.escrowmq.spi.storage.StorageException} if the store refused; after {@code
 * Unavailable} it is unknown whether it happened, and repeating the same call is always safe.
 */
public final class TransactionCoordinator implements AutoCloseable {

  private static final int RECENT_HALF_LIMIT = 20_000;
  private static final int MAX_INCARNATIONS = 10_000;
  private static final int MAX_TRIES = 5;
  private static final int OLDEST_SCAN_LIMIT = 10_000;

  private final Storage storage;
  private final TimeSource time;
  private final Handles handles;
  private final Decisions decisions;
  private final HoldReader reader;
  private final Recent<Known.Open> recent = new Recent<>(RECENT_HALF_LIMIT);
  private final BlockingReads blockingReads = new BlockingReads();
  private final EventRelay events;
  private final CheckScheduler scheduler;
  private final JointTransactions joint;
  private final RuleBook rules;
  private final Agenda agenda;

  private TransactionCoordinator(
      Storage storage,
      TimeSource time,
      Handles handles,
      CheckScheduler.Parts parts,
      RuleBook rules) {
    this.storage = storage;
    this.rules = rules;
    this.time = time;
    this.handles = handles;
    this.decisions = parts.decisions();
    this.events = parts.events();
    this.agenda = parts.agenda();
    this.reader = new HoldReader(storage);
    this.scheduler = new CheckScheduler(storage, time, parts, recent::remove, this::end);
    this.joint = new JointTransactions(storage, time, handles, parts, blockingReads);
  }

  /**
   * A coordinator over the store. Creates the store's secret if it has none; blocks for that. Asks
   * nothing until {@link #start()}.
   *
   * @param channel the way to producers; not called before {@link #start()} or {@link #runDue}
   * @param listener hears what happened, see {@link TransactionEvent}
   */
  public static TransactionCoordinator open(
      Storage storage,
      TimeSource time,
      Randomness random,
      CheckPolicy policy,
      CheckChannel channel,
      Consumer<TransactionEvent> listener) {
    Handles handles = new Handles(ServerSecret.load(storage, random), random);
    EventRelay events = new EventRelay(time, listener);
    RuleBook rules = RuleBook.open(storage, time, policy.rules());
    CheckScheduler.Parts parts =
        new CheckScheduler.Parts(
            new Decisions(rules), policy, channel, events, new Agenda(undecided(storage)));
    return new TransactionCoordinator(storage, time, handles, parts, rules);
  }

  /** Answers questions about transactions, open and decided. */
  public TransactionRegister register() {
    return new TransactionRegister(storage, time);
  }

  /** What groups and topics want otherwise than the cluster. */
  public RuleBook rules() {
    return rules;
  }

  /** Starts asking about due transactions, those of earlier runs included. Call once. */
  public void start() {
    scheduler.start();
  }

  /** Stops asking. Writes under way complete by themselves. Idempotent. */
  @Override
  public void close() {
    scheduler.close();
  }

  /** Holds a half message. Repeating the call for the same message finds the first hold. */
  public CompletionStage<HalfOutcome> prepare(HalfMessage half) {
    return guarded(() ->
        half.uniqueKey().isEmpty()
            ? hold(half, handles.fresh(), 0)
            : hold(half, handles.of(half, half.uniqueKey().get(), 0), 0));
  }

  /** Transactions of several messages. */
  public JointTransactions joint() {
    return joint;
  }

  /** Ends a transaction, or says why not. Repeating the call never changes a decision. */
  public CompletionStage<EndOutcome> end(EndRequest request) {
    return guarded(() -> {
      if (request.decider().answersForGroup()) {
        events.answered();
      }
      if (request.decision().isEmpty()) {
        scheduler.answeredUnknown(request.handle());
        return CompletableFuture.completedFuture(new EndOutcome.Unknown());
      }
      Optional<Known.Open> hint = recent.find(request.handle());
      return hint.isPresent() ? decide(request, hint.get(), 1) : readAndDecide(request, 1);
    });
  }

  /**
   * Lets a parked transaction be asked about again, with its attempts back at zero.
   *
   * @return false if it is not parked now
   */
  public CompletionStage<Boolean> rearm(Handle handle, Decider decider) {
    return guarded(() ->
        blockingReads
            .submit(() -> reader.read(handle))
            .thenCompose(known -> rearm(handle, known, decider)));
  }

  /**
   * The half message of a parked transaction, by the first number of its handle, which is the one
   * that clients have in a message id. Reads the store: blocks.
   */
  public Optional<HeldMessage> parked(long a) {
    HoldId before = new HoldId(a, 0);
    return storage.escrow().scan(HoldKind.PARKED, Optional.of(before), 1).stream()
        .map(HoldEntry::id)
        .filter(id -> id.high() == a)
        .findFirst()
        .flatMap(storage.escrow()::get)
        .filter(held -> held.entry().kind() == HoldKind.PARKED);
  }

  /** A member of the producer group connected: its waiting transactions are asked about soon. */
  public void memberArrived(String producerGroup) {
    scheduler.memberArrived(producerGroup);
  }

  /**
   * Asks about what is due at the time: what the coordinator's own thread does when started. For
   * tests and simulations; never call it on a started coordinator.
   *
   * @return completes when every question of this run was asked and recorded, or failed
   */
  public CompletionStage<Void> runDue(long nowMs) {
    return scheduler.runDue(nowMs).settled();
  }

  private static long undecided(Storage storage) {
    Map<HoldGroup, Long> counts = storage.escrow().counts();
    return count(counts, HoldKind.TRANSACTION) + count(counts, HoldKind.PARKED);
  }

  private static long count(Map<HoldGroup, Long> counts, HoldKind kind) {
    return counts.entrySet().stream()
        .filter(count -> count.getKey().kind() == kind)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Current figures. Reads the store: blocks. */
  public TransactionStatistics statistics() {
    Map<HoldGroup, Long> counts = storage.escrow().counts();
    return events.statistics(
        count(counts, HoldKind.TRANSACTION),
        count(counts, HoldKind.PARKED),
        oldestOpenMs(),
        scheduler.waitingForProducer());
  }

  private CompletionStage<HalfOutcome> hold(HalfMessage half, Handle handle, int incarnation) {
    long nowMs = time.nowMs();
    Message message = half.encode().apply(handle);
    HoldAttributes attributes = decisions.attributesFor(half, MessageRules.of(message), nowMs);
    return storage
        .write(decisions.hold(handle, half, message, attributes))
        .thenCompose(receipt -> held(half, handle, incarnation, attributes, receipt));
  }

  private CompletionStage<HalfOutcome> held(
      HalfMessage half,
      Handle handle,
      int incarnation,
      HoldAttributes attributes,
      WriteReceipt receipt) {
    Outcome outcome = receipt.outcome(0);
    return switch (outcome.result()) {
      case APPLIED -> {
        recent.put(handle, new Known.Open(half.queue(), attributes));
        agenda.opened(half.producerGroup(), handle, attributes.firstCheckAtMs());
        events.publish(new TransactionEvent.Prepared(handle, half.producerGroup(), half.queue()));
        yield CompletableFuture.completedFuture(new HalfOutcome.Prepared(handle, half.queue()));
      }
      case ALREADY_RELEASED ->
          CompletableFuture.completedFuture(new HalfOutcome.AlreadyCommitted(handle));
      case ALREADY_HELD, ALREADY_DISCARDED ->
          blockingReads
              .submit(() -> existing(half, handle, incarnation))
              .thenCompose(found ->
                  found.outcome().isPresent()
                      ? CompletableFuture.completedFuture(found.outcome().get())
                      : hold(half, found.handle(), found.incarnation()));
      case NOT_APPLIED, PRECONDITION_FAILED, UNKNOWN ->
          throw new IllegalStateException("the store answered " + outcome + " to a hold");
    };
  }

  /** Where a repeated half message stands: the answer, or the incarnation to hold next. */
  private record Existing(Handle handle, int incarnation, Optional<HalfOutcome> outcome) {}

  private Existing existing(HalfMessage half, Handle first, int firstIncarnation) {
    Handle handle = first;
    for (int incarnation = firstIncarnation; incarnation < MAX_INCARNATIONS; incarnation++) {
      switch (reader.read(handle)) {
        case Known.Open open -> {
          if (!open.attributes().sameOrigin(half)) {
            throw new IllegalStateException(
                "two messages share the handle " + handle + "; send this one with another key");
          }
          return new Existing(
              handle,
              incarnation,
              Optional.of(new HalfOutcome.AlreadyPrepared(handle, open.queue())));
        }
        case Known.Committed _ -> {
          return new Existing(
              handle, incarnation, Optional.of(new HalfOutcome.AlreadyCommitted(handle)));
        }
        case Known.Nothing _ -> {
          return new Existing(handle, incarnation, Optional.empty());
        }
        case Known.RolledBack _ ->
            handle = handles.of(half, half.uniqueKey().orElse(""), incarnation + 1);
      }
    }
    throw new IllegalStateException(
        "the message with unique key "
            + half.uniqueKey().orElse("")
            + " was rolled back "
            + MAX_INCARNATIONS
            + " times; send it with a new key");
  }

  private CompletionStage<EndOutcome> readAndDecide(EndRequest request, int tries) {
    return blockingReads
        .submit(() -> reader.read(request.handle()))
        .thenCompose(known ->
            JointDecisions.isAnchor(known) ? joint.endAll(request) : decide(request, known, tries));
  }

  private CompletionStage<EndOutcome> decide(EndRequest request, Known known, int tries) {
    long nowMs = time.nowMs();
    return switch (decisions.end(request, known, nowMs)) {
      case Decisions.EndStep.Reply reply -> CompletableFuture.completedFuture(reply.outcome());
      case Decisions.EndStep.ReplyAfter reply ->
          storage
              .write(reply.note())
              .thenApply(_ -> {
                conflict(request, reply.outcome().recorded());
                return reply.outcome();
              });
      case Decisions.EndStep.Try step ->
          storage.write(step.batch()).thenCompose(receipt -> tried(request, step, receipt, tries));
    };
  }

  private CompletionStage<EndOutcome> tried(
      EndRequest request, Decisions.EndStep.Try step, WriteReceipt receipt, int tries) {
    recent.remove(request.handle());
    if (receipt.applied()) {
      Decision decision = request.decision().orElseThrow();
      HoldAttributes attributes = step.before().attributes();
      agenda.decided(attributes.producerGroup(), request.handle(), attributes.firstCheckAtMs());
      events.publish(
          new TransactionEvent.Decided(
              request.handle(),
              decision,
              request.decider(),
              Math.max(0, time.nowMs() - attributes.heldAtMs()),
              attributes.attempts()));
      EndOutcome.Decided outcome = decisions.decided(decision, step, receipt);
      if (outcome.visibleAtMs() > 0) {
        events.publish(
            new TransactionEvent.Scheduled(request.handle().holdId(), outcome.visibleAtMs()));
      }
      return CompletableFuture.completedFuture(outcome);
    }
    if (tries >= MAX_TRIES) {
      throw new IllegalStateException(
          "the store refuses to decide " + request.handle() + " and says it is undecided");
    }
    return readAndDecide(request, tries + 1);
  }

  private void conflict(EndRequest request, Decision recorded) {
    events.publish(
        new TransactionEvent.Conflicted(
            request.handle(), recorded, request.decision().orElseThrow(), request.decider()));
  }

  private CompletionStage<Boolean> rearm(Handle handle, Known known, Decider decider) {
    if (!(known instanceof Known.Open open) || open.attributes().parked().isEmpty()) {
      return CompletableFuture.completedFuture(false);
    }
    return storage
        .write(decisions.rearm(handle, open, decider, time.nowMs()))
        .thenApply(receipt -> {
          if (receipt.applied()) {
            agenda.add(open.attributes().producerGroup(), handle, time.nowMs());
            events.publish(new TransactionEvent.Rearmed(handle, decider));
          }
          return receipt.applied();
        });
  }

  private long oldestOpenMs() {
    long nowMs = time.nowMs();
    long oldestMs = 0;
    Optional<HoldId> after = Optional.empty();
    int seen = 0;
    while (seen < OLDEST_SCAN_LIMIT) {
      List<HoldEntry> page = storage.escrow().scan(HoldKind.TRANSACTION, after, 1000);
      if (page.isEmpty()) {
        break;
      }
      for (HoldEntry entry : page) {
        oldestMs = Math.max(oldestMs, nowMs - entry.heldAtMs());
      }
      seen += page.size();
      after = Optional.of(page.getLast().id());
    }
    return oldestMs;
  }

  /** Turns what is thrown before the first write into a failed stage. */
  private static <T> CompletionStage<T> guarded(Supplier<CompletionStage<T>> action) {
    try {
      return action.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
