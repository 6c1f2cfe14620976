package io.escrowmq.broker.pop;

import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.PopLease;
import io.escrowmq.spi.protocol.PopServices.Changed;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a group does in one queue. Everything that happens to the state happens in the rounds of a
 * mailbox: it is changed in memory, written as one batch and only then answered. When a write
 * fails, the state is forgotten and read from the store again. Thread-safe.
 */
final class PopQueue {

  private static final Logger LOG = LoggerFactory.getLogger(PopQueue.class);

  /** Keeps a batch below {@link WriteBatch#MAX_MUTATIONS} with what one more request can add. */
  private static final int MAX_CHANGES = 1_000;

  /** Another request can add as much once more. */
  private static final long MAX_DEAD_LETTER_BYTES = 2 * 1024 * 1024;

  private static final int LOOKED_AT_PER_TICK = 256;
  private static final long NEVER = Long.MAX_VALUE;

  private final String group;
  private final QueueId queue;
  private final Parts parts;
  private final PopRows rows;
  private final QueueReader reader;
  private final Mailbox mailbox;
  private final Round round = new Round();

  /**
   * What the queues share.
   *
   * @param available is told that messages of a queue can be handed out again
   * @param closed true once somebody else may have the store: timers do nothing then
   */
  record Parts(
      PopEnvironment environment,
      PopLimits limits,
      PopCounters counters,
      Available available,
      BooleanSupplier closed) {}

  /** Is told that there may be something for the group in the queue. Does not block. */
  @FunctionalInterface
  interface Available {
    void in(String group, QueueId queue);
  }

  PopQueue(String group, QueueId queue, Parts parts) {
    this.group = group;
    this.queue = queue;
    this.parts = parts;
    this.rows = new PopRows(group, queue);
    this.reader = new QueueReader(group, queue, parts.environment(), parts.limits());
    this.mailbox = new Mailbox(parts.environment().workers(), round);
  }

  /** Hands messages out. */
  CompletionStage<Taken> pop(Order order) {
    return mailbox.submit(() -> round.pop(order), Taken::close);
  }

  /** Shows what a pop would hand out. */
  CompletionStage<Taken> peek(Order order) {
    return mailbox.submit(() -> round.peek(order), Taken::close);
  }

  /** Says whether a pop would find something: more than 0 is left then. */
  CompletionStage<Taken> look(Order order) {
    return mailbox.submit(() -> round.look(order), _ -> {});
  }

  /** The consumer is done with these, which are all of this queue. */
  CompletionStage<List<Delivery.Outcome>> ack(List<Delivery> deliveries) {
    return mailbox.submit(() -> round.ack(deliveries), _ -> {});
  }

  /** Another end for one message. */
  CompletionStage<Changed> move(Delivery delivery, PopLease lease) {
    return mailbox.submit(() -> round.move(delivery, lease), _ -> {});
  }

  /** Somebody else decided where the group is. */
  void moved(long offset) {
    CompletionStage<Boolean> _ = mailbox.submit(() -> round.moved(offset), _ -> {});
  }

  /** The rows are going to be removed. */
  CompletionStage<Boolean> forget() {
    return mailbox.submit(round::forget, _ -> {});
  }

  /** The state and what happens to it; one thread at a time. */
  private final class Round implements Mailbox.Round {

    private final List<Mutation> deadLetters = new ArrayList<>();
    private long deadLetterBytes;
    private Tally tally = new Tally();
    private @Nullable InFlight flight;
    private long writtenCursor;
    private long writtenOffset;
    private boolean writeNow;
    private boolean lazyPlanned;
    private boolean ordered;
    private boolean announce;
    private long alarmAtMs = NEVER;
    private int counted;

    Taken pop(Order order) {
      InFlight state = loaded(order.fromEnd());
      long now = parts.environment().time().nowMs();
      ordered |= order.ordered();
      if (order.ordered() && state.blocks(order.attemptId(), now)) {
        return Taken.NOTHING;
      }
      Plan plan = reader.plan(state, order, now);
      apply(state, plan);
      // Dead letters took the room of others: each turn ends with fewer that could become some.
      while (plan.messages.isEmpty() && !plan.deadLetters.isEmpty() && hasRoom()) {
        plan.close();
        plan = reader.plan(state, order, now);
        apply(state, plan);
      }
      if (!plan.attempts.isEmpty()) {
        String attempt = order.ordered() ? order.attemptId() : "";
        state.lease(new Lease(order.lease(), order.visibleAtMs(), attempt, plan.attempts));
        tally.popped += plan.messages.size();
        tally.poppedBytes += plan.messages.stream().mapToLong(Message::size).sum();
        tally.redelivered += plan.again;
      }
      return taken(state, plan, now);
    }

    Taken peek(Order order) {
      InFlight state = loaded(order.fromEnd());
      long now = parts.environment().time().nowMs();
      if (order.ordered() && state.blocks(order.attemptId(), now)) {
        return Taken.NOTHING;
      }
      return taken(state, reader.plan(state, order, now), now);
    }

    Taken look(Order order) {
      InFlight state = loaded(order.fromEnd());
      long now = parts.environment().time().nowMs();
      if (order.ordered() && state.blocks(order.attemptId(), now)) {
        return Taken.NOTHING;
      }
      long rest = state.dueCount(now);
      if (rest == 0) {
        rest = order.filter().wantsAll() ? unseen(state) : wanted(state, order, now);
      }
      return new Taken(List.of(), List.of(), rest, false);
    }

    private long unseen(InFlight state) {
      long end = parts.environment().storage().log().bounds(queue).max();
      return Math.max(0, end - state.cursor());
    }

    /** Nothing is skipped here: where looking takes too long, the pop that follows moves on. */
    private long wanted(InFlight state, Order order, long now) {
      Plan plan = reader.plan(state, order, now);
      try {
        return plan.messages.size() + (plan.unfinished ? 1L : 0L);
      } finally {
        plan.close();
      }
    }

    private Taken taken(InFlight state, Plan plan, long now) {
      long rest = plan.end - plan.cursor + state.dueCount(now);
      boolean unfinished =
          plan.messages.isEmpty() && (plan.unfinished || !plan.deadLetters.isEmpty());
      return new Taken(List.copyOf(plan.messages), List.copyOf(plan.sources), rest, unfinished);
    }

    List<Delivery.Outcome> ack(List<Delivery> deliveries) {
      InFlight state = loadedOrNull();
      boolean full = state != null && state.size() >= parts.limits().maxInFlight();
      List<Delivery.Outcome> outcomes = new ArrayList<>(deliveries.size());
      for (Delivery delivery : deliveries) {
        outcomes.add(
            state == null
                ? Delivery.Outcome.UNKNOWN
                : state.ack(delivery.offset(), idOf(delivery)));
      }
      int stale = (int) outcomes.stream().filter(it -> it != Delivery.Outcome.DONE).count();
      tally.stale += stale;
      tally.acknowledged += outcomes.size() - stale;
      if (state != null) {
        announce |= full;
        announce |= ordered && !state.blocks("", parts.environment().time().nowMs());
      }
      return outcomes;
    }

    Changed move(Delivery delivery, PopLease wish) {
      InFlight state = loadedOrNull();
      PopLease lease = wish.invisibleMs() > 0 ? wish : byPolicy(state, delivery, wish);
      long visibleAtMs = lease.popTimeMs() + lease.invisibleMs();
      LeaseId id = new LeaseId(lease.popTimeMs(), lease.generation());
      Delivery.Outcome outcome =
          state == null
              ? Delivery.Outcome.UNKNOWN
              : state.move(delivery.offset(), idOf(delivery), id, visibleAtMs);
      announce |= outcome == Delivery.Outcome.DONE && lease.invisibleMs() == 0;
      return new Changed(
          outcome,
          outcome == Delivery.Outcome.DONE
              ? lease
              : new PopLease(delivery.popTimeMs(), 0, delivery.generation()));
    }

    /** Whoever gives a message back and says no time leaves that to the group's policy. */
    private PopLease byPolicy(@Nullable InFlight state, Delivery delivery, PopLease wish) {
      int attempts = state == null ? 0 : state.attemptOf(delivery.offset());
      long delayMs = parts.environment().host().retryDelayMs(group, attempts);
      return new PopLease(
          wish.popTimeMs(), Math.min(delayMs, parts.limits().maxInvisibleMs()), wish.generation());
    }

    boolean moved(long offset) {
      InFlight state = flight;
      if (state == null) {
        return true;
      }
      // Not in memory only any more, so that it cannot be written over what this queue writes.
      OptionalLong newest = parts.environment().host().offset(group, queue);
      long to = newest.orElse(offset);
      if (to != state.committed()) {
        LOG.info("group {} was moved from {} to {} of {}", group, state.committed(), to, queue);
        state.reset(to);
        writtenOffset = to;
        writeNow = true;
        announce = true;
      }
      return true;
    }

    boolean forget() {
      flight = null;
      return true;
    }

    private boolean writeLazily() {
      lazyPlanned = false;
      writeNow = flight != null && !parts.closed().getAsBoolean();
      return true;
    }

    private boolean tick() {
      alarmAtMs = NEVER;
      InFlight state = parts.closed().getAsBoolean() ? null : loadedOrNull();
      if (state == null) {
        return true;
      }
      long now = parts.environment().time().nowMs();
      apply(state, reader.exhausted(state, state.due(now, LOOKED_AT_PER_TICK)));
      announce |= state.dueCount(now) > 0;
      return true;
    }

    private void apply(InFlight state, Plan plan) {
      plan.lost.forEach(state::remove);
      plan.deadLetters.forEach((offset, append) -> {
        state.remove(offset);
        deadLetters.add(append);
        deadLetterBytes += append.message().size();
      });
      state.advance(plan.cursor);
      tally.lost += plan.lost.size();
      tally.deadLettered += plan.deadLetters.size();
    }

    private InFlight loaded(boolean fromEnd) {
      InFlight found = loadedOrNull();
      if (found != null) {
        return found;
      }
      OptionalLong offset = parts.environment().host().offset(group, queue);
      InFlight fresh = new InFlight(offset.isPresent() ? offset.getAsLong() : beginning(fromEnd));
      flight = fresh;
      writtenCursor = -1;
      writtenOffset = offset.orElse(-1);
      // Where a group begins must not depend on when its first message comes.
      writeNow = true;
      return fresh;
    }

    private @Nullable InFlight loadedOrNull() {
      if (flight != null) {
        return flight;
      }
      Storage storage = parts.environment().storage();
      OptionalLong cursor = rows.cursor(storage.tables());
      if (cursor.isEmpty()) {
        return null;
      }
      InFlight restored = InFlight.restored(cursor.getAsLong(), rows.leases(storage.tables()));
      writtenCursor = cursor.getAsLong();
      writtenOffset = restored.committed();
      OptionalLong offset = parts.environment().host().offset(group, queue);
      // Both rows are written together: if they differ, somebody moved the group meanwhile.
      if (offset.isPresent() && offset.getAsLong() != restored.committed()) {
        restored.reset(offset.getAsLong());
        writtenOffset = offset.getAsLong();
        writeNow = true;
      }
      long end = storage.log().bounds(queue).max();
      if (restored.cursor() > end) {
        restored.reset(end);
        writeNow = true;
      }
      flight = restored;
      return restored;
    }

    private long beginning(boolean fromEnd) {
      QueueBounds bounds = parts.environment().storage().log().bounds(queue);
      return fromEnd && bounds.min() > 0 ? bounds.max() : bounds.min();
    }

    @Override
    public boolean hasRoom() {
      InFlight state = flight;
      return state == null
          || (state.changes() + deadLetters.size() < MAX_CHANGES
              && deadLetterBytes < MAX_DEAD_LETTER_BYTES);
    }

    @Override
    public void write() {
      InFlight state = flight;
      if (state == null) {
        return;
      }
      long offset = state.committed();
      boolean moves = state.cursor() != writtenCursor || offset != writtenOffset;
      if (state.changes() == 0 && deadLetters.isEmpty() && !(moves && writeNow)) {
        if (moves) {
          planLazyWrite();
        }
        return;
      }
      parts.environment().storage().write(batch(state, offset)).toCompletableFuture().join();
      writtenCursor = state.cursor();
      writtenOffset = offset;
      writeNow = false;
      deadLetters.clear();
      deadLetterBytes = 0;
    }

    private WriteBatch batch(InFlight state, long offset) {
      WriteBatch.Builder batch = WriteBatch.builder();
      deadLetters.forEach(batch::add);
      for (Map.Entry<LeaseId, @Nullable Lease> change : state.takeChanges().entrySet()) {
        Lease lease = change.getValue();
        batch.add(lease == null ? rows.delete(change.getKey()) : rows.put(lease));
      }
      if (state.cursor() != writtenCursor) {
        batch.add(rows.putCursor(state.cursor()));
      }
      if (offset != writtenOffset) {
        batch.add(parts.environment().host().offsetRow(group, queue, offset));
      }
      return batch.build();
    }

    @Override
    public void undone() {
      parts.counters().errors.increment();
      tally = new Tally();
      flight = null;
      deadLetters.clear();
      deadLetterBytes = 0;
      writeNow = false;
    }

    @Override
    public void answered() {
      tally.addTo(parts.counters());
      if (tally.popped > 0) {
        parts.environment().host().handedOut(group, queue.topic(), tally.popped, tally.poppedBytes);
      }
      tally = new Tally();
      InFlight state = flight;
      int size = state == null ? 0 : state.size();
      parts.counters().inFlight.add(size - counted);
      counted = size;
      if (state != null) {
        setAlarm(state);
      }
      if (announce) {
        announce = false;
        parts.available().in(group, queue);
      }
    }

    private void setAlarm(InFlight state) {
      long now = parts.environment().time().nowMs();
      OptionalLong next = state.nextEndAfter(now);
      if (next.isPresent() && next.getAsLong() < alarmAtMs) {
        alarmAtMs = next.getAsLong();
        parts
            .environment()
            .timer()
            .after(alarmAtMs - now, () -> mailbox.submit(this::tick, _ -> {}));
      }
    }

    private void planLazyWrite() {
      if (!lazyPlanned) {
        lazyPlanned = true;
        parts
            .environment()
            .timer()
            .after(parts.limits().lazyWriteMs(), () -> mailbox.submit(this::writeLazily, _ -> {}));
      }
    }
  }

  private static LeaseId idOf(Delivery delivery) {
    return new LeaseId(delivery.popTimeMs(), delivery.generation());
  }
}
