package io.escrowmq.tx;

import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks about one due transaction: reads its message, sends the question, and records the attempt
 * only if the question was written to a connection. {@link #visit} belongs to the scheduler's
 * thread; answers arrive on any.
 */
final class Questions {

  private static final int MAX_IN_FLIGHT = 1024;
  private static final long IN_FLIGHT_TIMEOUT_MS = 10_000;
  private static final long RETRY_PAUSE_MS = 5_000;
  private static final int ANSWERED_HALF_LIMIT = 50_000;

  private final Storage storage;
  private final CheckScheduler.Parts parts;
  private final Consumer<Handle> outdated;
  private final Function<EndRequest, CompletionStage<EndOutcome>> decider;
  private final GroupPaces paces;
  private final Map<Handle, Ticket> inFlight = new ConcurrentHashMap<>();
  private final Recent<Boolean> answered = new Recent<>(ANSWERED_HALF_LIMIT);
  private final List<CompletableFuture<?>> running = new ArrayList<>();
  private final Set<Handle> begun = new HashSet<>();
  private long tickets;

  /**
   * @param outdated told the handles whose attributes changed
   * @param decider ends what is given up
   */
  Questions(
      Storage storage,
      CheckScheduler.Parts parts,
      GroupPaces paces,
      Consumer<Handle> outdated,
      Function<EndRequest, CompletionStage<EndOutcome>> decider) {
    this.decider = decider;
    this.storage = storage;
    this.parts = parts;
    this.paces = paces;
    this.outdated = outdated;
  }

  /** What a visit did. */
  enum Visit {
    /** Asked, parked, postponed, or under way already. */
    HANDLED,
    /** Nobody of the group is connected; it stays due. */
    NOBODY,
    /** The group was asked enough for now; it stays due. */
    BACKLOG
  }

  /**
   * Identity of what is under way for one transaction; a late answer of an abandoned question finds
   * another ticket.
   *
   * @param recording true once it is for the store to answer
   */
  private record Ticket(long number, long sinceMs, boolean recording) {
    Ticket whileRecording() {
      return new Ticket(number, sinceMs, true);
    }
  }

  /** True if no more questions may be under way. */
  boolean full() {
    return inFlight.size() >= MAX_IN_FLIGHT;
  }

  /**
   * Gives up waiting for channels that never came back; nothing is counted for them. A write is
   * waited for however slow it is: until it is there the hold looks as if nobody had asked, and the
   * same question would go out again, or the same transaction be parked twice.
   */
  void abandonLate(long nowMs) {
    inFlight
        .values()
        .removeIf(ticket -> !ticket.recording() && nowMs - ticket.sinceMs() > IN_FLIGHT_TIMEOUT_MS);
  }

  /** Completes when everything begun since the last call is over. */
  CompletableFuture<Void> takeRunning() {
    CompletableFuture<Void> all =
        CompletableFuture.allOf(running.toArray(new CompletableFuture<?>[0]));
    running.clear();
    begun.clear();
    return all;
  }

  /** A producer answered that it does not know yet: it may be asked again. */
  void answeredUnknown(Handle handle) {
    answered.put(handle, true);
  }

  /**
   * Does what the agenda has for groups that can be asked now.
   *
   * @return false if something of it must wait
   * @throws StorageException if the store as a whole cannot be read
   */
  boolean follow(long nowMs) {
    boolean done = true;
    for (String group : parts.agenda().groups()) {
      if (!paces.isWaiting(group) && parts.agenda().isDue(group, nowMs)) {
        done &= follow(group, paces.of(group, nowMs), nowMs);
      }
    }
    return done;
  }

  private boolean follow(String group, GroupPace pace, long nowMs) {
    while (pace.hasToken() && !full()) {
      Optional<Handle> next = parts.agenda().take(group, nowMs);
      if (next.isEmpty()) {
        return true;
      }
      look(group, next.get(), nowMs);
    }
    return !pace.present() || !parts.agenda().isDue(group, nowMs);
  }

  private void look(String group, Handle handle, long nowMs) {
    Optional<HoldEntry> entry;
    try {
      entry = storage.escrow().get(handle.holdId()).map(HeldMessage::entry);
    } catch (StorageException.Corrupt e) {
      // Reported when the walk comes to it, which knows its place.
      return;
    }
    if (entry.isEmpty() || entry.get().kind() != HoldKind.TRANSACTION) {
      return;
    }
    if (entry.get().wakeAtMs() > nowMs) {
      parts.agenda().add(group, handle, entry.get().wakeAtMs());
    } else {
      visit(entry.get(), nowMs);
    }
  }

  /**
   * Does what is due for the hold.
   *
   * @param entry as read a while ago; if it is no longer true, nothing happens
   * @throws StorageException if the store as a whole cannot be read
   */
  Visit visit(HoldEntry entry, long nowMs) {
    try {
      return switch (parts.decisions().check(entry, nowMs)) {
        case Decisions.CheckStep.Park park ->
            alone(park.handle(), entry, writing(nowMs), (_, _) -> park(park));
        case Decisions.CheckStep.GiveUp giveUp ->
            alone(giveUp.handle(), entry, writing(nowMs), (_, _) -> rollBack(giveUp));
        case Decisions.CheckStep.Ask ask -> ask(entry, ask, nowMs);
      };
    } catch (StorageException.Corrupt | IllegalArgumentException | IllegalStateException e) {
      // This transaction's own trouble must not delay the others.
      parts.events().checkError("Transaction " + entry.id() + " could not be asked about", e);
      track(write(parts.decisions().postponed(entry, nowMs)));
      return Visit.HANDLED;
    }
  }

  private Visit ask(HoldEntry entry, Decisions.CheckStep.Ask ask, long nowMs) {
    String group = ask.attributes().producerGroup();
    GroupPace pace = paces.of(group, nowMs);
    if (!pace.present()) {
      parts.agenda().add(group, ask.handle(), entry.wakeAtMs());
      return Visit.NOBODY;
    }
    if (!pace.hasToken()) {
      parts.agenda().add(group, ask.handle(), entry.wakeAtMs());
      paces.backlog(group);
      return Visit.BACKLOG;
    }
    return alone(
        ask.handle(),
        entry,
        new Ticket(tickets++, nowMs, false),
        (held, ticket) -> {
          pace.take();
          return send(ask, held, ticket, nowMs);
        });
  }

  /** What is done about a hold while nothing else is under way for it. */
  private interface Action {
    CompletionStage<Void> begin(HeldMessage held, Ticket ticket);
  }

  /**
   * Begins the action unless one is under way or the entry is stale: a page read while a question
   * was being recorded would otherwise ask it twice. What failed at once is not begun again in the
   * same run, where agenda and walk may both come to it.
   */
  private Visit alone(Handle handle, HoldEntry entry, Ticket ticket, Action wanted) {
    if (begun.contains(handle) || inFlight.putIfAbsent(handle, ticket) != null) {
      return Visit.HANDLED;
    }
    CompletionStage<Void> action;
    try {
      Optional<HeldMessage> held = storage.escrow().get(entry.id());
      if (held.isEmpty() || !held.get().entry().equals(entry)) {
        inFlight.remove(handle, ticket);
        return Visit.HANDLED;
      }
      begun.add(handle);
      action = wanted.begin(held.get(), ticket);
    } catch (RuntimeException e) {
      inFlight.remove(handle, ticket);
      throw e;
    }
    track(
        action.whenComplete((_, _) -> {
          inFlight.remove(handle, ticket);
          inFlight.remove(handle, ticket.whileRecording());
        }));
    return Visit.HANDLED;
  }

  private Ticket writing(long nowMs) {
    return new Ticket(tickets++, nowMs, true);
  }

  private CompletionStage<Void> park(Decisions.CheckStep.Park park) {
    return write(park.batch())
        .thenAccept(receipt -> {
          outdated.accept(park.handle());
          if (receipt.applied()) {
            parts
                .events()
                .publish(
                    new TransactionEvent.Parked(
                        park.handle(), park.attributes().producerGroup(), park.reason()));
          }
        });
  }

  private CompletionStage<Void> rollBack(Decisions.CheckStep.GiveUp giveUp) {
    Decider rule = new Decider(Decider.Kind.POLICY, "check-policy", giveUp.reason().name());
    return decider
        .apply(
            new EndRequest(
                giveUp.handle(),
                giveUp.attributes().producerGroup(),
                Optional.of(Decision.ROLLBACK),
                rule))
        .thenAccept(_ -> outdated.accept(giveUp.handle()));
  }

  private CompletionStage<Void> send(
      Decisions.CheckStep.Ask ask, HeldMessage held, Ticket ticket, long nowMs) {
    CheckChannel.Question question = question(ask, held);
    CompletionStage<CheckChannel.Asked> sending;
    try {
      sending = parts.channel().ask(question);
    } catch (RuntimeException e) {
      sending = CompletableFuture.failedFuture(e);
    }
    return sending
        .exceptionally(e -> {
          parts
              .events()
              .checkError("A question to group " + question.producerGroup() + " failed", e);
          return new CheckChannel.Asked.NotWritten();
        })
        .thenCompose(result -> asked(ask, question, result, ticket, nowMs));
  }

  private CompletionStage<Void> asked(
      Decisions.CheckStep.Ask ask,
      CheckChannel.Question question,
      CheckChannel.Asked result,
      Ticket ticket,
      long nowMs) {
    return switch (result) {
      case CheckChannel.Asked.NotWritten _ -> {
        again(question, nowMs + RETRY_PAUSE_MS);
        yield CompletableFuture.completedFuture(null);
      }
      case CheckChannel.Asked.Busy _ -> {
        paces.backlog(question.producerGroup());
        again(question, nowMs + 1);
        yield CompletableFuture.completedFuture(null);
      }
      case CheckChannel.Asked.Written written ->
          counted(ask, question, written.clientId(), Optional.empty(), ticket, nowMs);
      case CheckChannel.Asked.Later later ->
          counted(ask, question, later.clientId(), Optional.of(later.after()), ticket, nowMs);
    };
  }

  private CompletionStage<Void> counted(
      Decisions.CheckStep.Ask ask,
      CheckChannel.Question question,
      String clientId,
      Optional<Duration> after,
      Ticket ticket,
      long nowMs) {
    parts
        .events()
        .publish(
            new TransactionEvent.Asked(
                ask.handle(), question.producerGroup(), clientId, question.attempt()));
    if (!inFlight.replace(ask.handle(), ticket, ticket.whileRecording())) {
      // Given up meanwhile; perhaps asked anew, under the same number.
      return CompletableFuture.completedFuture(null);
    }
    HoldAttributes next = ask.attributes().asked(clientId, nowMs);
    WriteBatch batch = parts.decisions().afterAsked(ask, next, after, nowMs);
    return write(batch)
        .whenComplete((receipt, error) -> {
          outdated.accept(ask.handle());
          if (error != null) {
            // Whether it is recorded is not known: then the same number may be asked twice.
            again(question, nowMs + RETRY_PAUSE_MS);
          } else if (receipt.applied()) {
            again(question, Decisions.wakeAtMs(batch));
          }
        })
        .thenAccept(_ -> {});
  }

  private void again(CheckChannel.Question question, long atMs) {
    parts.agenda().add(question.producerGroup(), question.handle(), atMs);
  }

  private CheckChannel.Question question(Decisions.CheckStep.Ask ask, HeldMessage held) {
    HoldAttributes attributes = ask.attributes();
    boolean silent = !attributes.lastAsked().isEmpty() && answered.find(ask.handle()).isEmpty();
    answered.remove(ask.handle());
    return new CheckChannel.Question(
        ask.handle(),
        attributes.producerGroup(),
        held.message(),
        attributes.attempts() + 1,
        attributes.sender(),
        silent ? Optional.of(attributes.lastAsked()) : Optional.empty());
  }

  private CompletionStage<WriteReceipt> write(WriteBatch batch) {
    try {
      return storage.write(batch);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void track(CompletionStage<?> stage) {
    CompletableFuture<?> over =
        stage
            .<@Nullable Object>handle((value, error) -> {
              if (error != null) {
                parts.events().checkError("A check could not be recorded", error);
              }
              return value;
            })
            .toCompletableFuture();
    if (!over.isDone()) {
      running.add(over);
    }
  }
}
