package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TableOwnership;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.storage.commitlog.Overlay.Known;
import io.escrowmq.storage.commitlog.log.IndexKeys;
import io.escrowmq.storage.commitlog.log.Op;
import io.escrowmq.storage.commitlog.views.BodyRef;
import io.escrowmq.storage.commitlog.views.Decision;
import io.escrowmq.storage.commitlog.views.Effect;
import io.escrowmq.storage.commitlog.views.HoldRow;
import io.escrowmq.storage.commitlog.views.QueueState;
import io.escrowmq.storage.commitlog.views.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The meaning of every mutation: what it does to the store as decided so far. The same code decides
 * live batches and, told what was decided then, replays frames. Sequencer's thread only.
 */
final class Decider {

  /**
   * What one record does.
   *
   * @param effect absent if it changes nothing
   */
  record Step(Outcome outcome, Optional<Effect> effect) {

    static Step nothing(Outcome outcome) {
      return new Step(outcome, Optional.empty());
    }

    static Step applied(Effect effect) {
      return new Step(Outcome.APPLIED, Optional.of(effect));
    }
  }

  private final Views views;
  private final Overlay overlay = new Overlay();
  private final long decisionRetentionMs;
  private long sequence;
  private long storeTimeMs;
  private long framePosition;

  Decider(Views views, long decisionRetentionMs) {
    this.views = views;
    this.decisionRetentionMs = decisionRetentionMs;
  }

  /** Begins a batch at this time and place; returns the number for {@link #applied(long)}. */
  long begin(long nowMs, long position) {
    storeTimeMs = nowMs;
    framePosition = position;
    return ++sequence;
  }

  /** The views have everything up to this number. */
  void applied(long number) {
    overlay.forget(number);
  }

  /**
   * Judges the preconditions of a batch against the store as it is.
   *
   * @return empty if all hold true, else one outcome per mutation
   * @throws StorageException.Fenced if a lease was lost
   */
  Optional<List<Outcome>> judge(List<Mutation> mutations) {
    boolean failed = false;
    List<Outcome> outcomes = new ArrayList<>(mutations.size());
    for (Mutation mutation : mutations) {
      Outcome judged = judge(mutation);
      failed |= !judged.equals(Outcome.NOT_APPLIED);
      outcomes.add(judged);
    }
    return failed ? Optional.of(outcomes) : Optional.empty();
  }

  /** Decides one record against the store as it is after the ones before it. */
  Step decide(Op op) {
    return switch (op) {
      case Op.Append append -> append(append);
      case Op.Hold hold -> hold(hold);
      case Op.Release release -> release(release);
      case Op.Discard discard -> discard(discard);
      case Op.Reschedule change -> reschedule(change);
      case Op.Put put -> put(put);
      case Op.Delete delete -> {
        overlay.put(delete.table(), delete.key(), Optional.empty(), sequence);
        yield Step.applied(new Effect.RowDeleted(delete.table(), delete.key()));
      }
      case Op.Trim trim ->
          views
              .queues()
              .find(trim.queue())
              .map(queue -> Step.applied(new Effect.Trimmed(queue, trim.newMinOffset())))
              .orElseGet(() -> Step.nothing(Outcome.APPLIED));
      case Op.Begin begin -> begin(begin);
      case Op.Restored restored -> restored(restored);
      case Op.RestoredHold hold -> hold(hold);
      case Op.RestoredDecision decision -> decision(decision);
      case Op.MoveHeld move -> moveHeld(move);
      case Op.MoveVisible move -> moveVisible(move);
    };
  }

  /** Like {@link #decide}, but what was recorded applies although its id is still remembered. */
  Step replay(Op op) {
    return switch (op) {
      case Op.Hold hold -> held(hold.id(), rowOf(hold), known(hold.id()).decision());
      case Op.RestoredHold hold ->
          held(hold.entry().id(), rowOf(hold), known(hold.entry().id()).decision());
      case Op.RestoredDecision decision -> remembered(decision, known(decision.id()).decision());
      default -> decide(op);
    };
  }

  private Outcome judge(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Require require -> {
        long version =
            row(require.table(), require.key())
                .map(TableRow::version)
                .orElse(Mutation.Require.ABSENT);
        yield version == require.version()
            ? Outcome.NOT_APPLIED
            : Outcome.of(Outcome.Result.PRECONDITION_FAILED);
      }
      case Mutation.RequireHeld requireHeld -> {
        Known known = known(requireHeld.id());
        yield known.row().isPresent() ? Outcome.NOT_APPLIED : notHeld(known);
      }
      case Mutation.Fence fence -> {
        long actual =
            row(TableOwnership.TABLE, TableOwnership.keyOf(fence.scope()))
                .map(lease -> TableOwnership.epochOf(lease.value()))
                .orElse(0L);
        if (actual != fence.epoch()) {
          throw new StorageException.Fenced(fence.scope(), fence.epoch(), actual);
        }
        yield Outcome.NOT_APPLIED;
      }
      default -> Outcome.NOT_APPLIED;
    };
  }

  private Step append(Op.Append append) {
    long position = framePosition + append.recordAt();
    BodyRef body = bodyOf(append, append.body());
    QueueState queue = views.queues().findOrCreate(append.queue(), position);
    Effect.Visible visible = visible(queue, position, body, storeTimeMs, append.keys());
    return new Step(Outcome.appended(visible.offset(), position), Optional.of(visible));
  }

  private Step restored(Op.Restored restored) {
    long position = framePosition + restored.recordAt();
    BodyRef body = bodyOf(restored, restored.body());
    QueueState queue = views.queues().findOrCreate(restored.queue(), position);
    Effect.Visible visible =
        visible(queue, position, body, restored.storeTimeMs(), restored.keys());
    return new Step(Outcome.appended(visible.offset(), position), Optional.of(visible));
  }

  private Step begin(Op.Begin begin) {
    if (begin.firstOffset() == 0) {
      boolean begun = views.queues().find(begin.queue()).stream().anyMatch(QueueState::hasBegun);
      return Step.nothing(begun ? Outcome.NOT_APPLIED : Outcome.APPLIED);
    }
    QueueState queue = views.queues().findOrCreate(begin.queue(), framePosition + begin.recordAt());
    if (queue.hasBegun()) {
      return Step.nothing(Outcome.NOT_APPLIED);
    }
    queue.begin(begin.firstOffset());
    return Step.applied(new Effect.Begun(queue, begin.firstOffset()));
  }

  private Step hold(Op.Hold hold) {
    Known known = known(hold.id());
    return remembers(known)
        ? Step.nothing(heldOrDecided(known))
        : held(hold.id(), rowOf(hold), known.decision());
  }

  private Step hold(Op.RestoredHold hold) {
    Known known = known(hold.entry().id());
    return remembers(known)
        ? Step.nothing(heldOrDecided(known))
        : held(hold.entry().id(), rowOf(hold), known.decision());
  }

  private Step held(HoldId id, HoldRow row, Optional<Decision> forgotten) {
    overlay.put(id, new Known(Optional.of(row), Optional.empty()), sequence);
    return Step.applied(new Effect.Held(id, row, forgotten));
  }

  private HoldRow rowOf(Op.Hold hold) {
    return new HoldRow(
        hold.queue(),
        hold.kind(),
        storeTimeMs,
        hold.wakeAtMs(),
        hold.attributes(),
        bodyOf(hold, hold.body()),
        hold.keys());
  }

  private HoldRow rowOf(Op.RestoredHold hold) {
    HoldEntry entry = hold.entry();
    return new HoldRow(
        entry.queue(),
        entry.kind(),
        entry.heldAtMs(),
        entry.wakeAtMs(),
        entry.attributes(),
        bodyOf(hold, hold.body()),
        hold.keys());
  }

  private Step decision(Op.RestoredDecision restored) {
    Known known = known(restored.id());
    return remembers(known)
        ? Step.nothing(heldOrDecided(known))
        : remembered(restored, known.decision());
  }

  private Step remembered(Op.RestoredDecision restored, Optional<Decision> forgotten) {
    Decision decision = Decision.of(restored.status());
    overlay.put(restored.id(), new Known(Optional.empty(), Optional.of(decision)), sequence);
    return Step.applied(new Effect.Remembered(restored.id(), decision, forgotten));
  }

  private boolean remembers(Known known) {
    return known.row().isPresent()
        || known.decision().isPresent() && !isForgotten(known.decision().get());
  }

  private Outcome heldOrDecided(Known known) {
    return known.row().isPresent() ? Outcome.of(Outcome.Result.ALREADY_HELD) : notHeld(known);
  }

  private Step release(Op.Release release) {
    Known known = known(release.id());
    if (known.row().isEmpty()) {
      return Step.nothing(notHeld(known));
    }
    HoldRow row = known.row().get();
    long position = framePosition + release.recordAt();
    QueueState queue = views.queues().findOrCreate(row.queue(), position);
    Effect.Visible visible = visible(queue, position, row.body(), storeTimeMs, row.keys());
    Decision decision = new Decision(true, visible.offset(), position, storeTimeMs);
    overlay.put(release.id(), new Known(Optional.empty(), Optional.of(decision)), sequence);
    return new Step(
        Outcome.appended(visible.offset(), position),
        Optional.of(new Effect.Released(release.id(), row, decision, visible)));
  }

  private Step discard(Op.Discard discard) {
    Known known = known(discard.id());
    if (known.row().isEmpty()) {
      return Step.nothing(notHeld(known));
    }
    Decision decision = new Decision(false, -1, -1, storeTimeMs);
    overlay.put(discard.id(), new Known(Optional.empty(), Optional.of(decision)), sequence);
    return Step.applied(new Effect.Discarded(discard.id(), known.row().get(), decision));
  }

  private Step reschedule(Op.Reschedule change) {
    Known known = known(change.id());
    if (known.row().isEmpty()) {
      return Step.nothing(notHeld(known));
    }
    HoldRow before = known.row().get();
    return changed(
        change.id(),
        before,
        before.rescheduled(change.kind(), change.wakeAtMs(), change.attributes()));
  }

  private Step put(Op.Put put) {
    long version = framePosition + put.recordAt();
    TableRow row = new TableRow(put.key(), put.value(), version);
    overlay.put(put.table(), put.key(), Optional.of(row), sequence);
    return Step.applied(new Effect.RowPut(put.table(), put.key(), version, put.value()));
  }

  private Step moveHeld(Op.MoveHeld move) {
    Optional<HoldRow> row = known(move.id()).row();
    if (row.isEmpty() || row.get().body().position() != move.fromPosition()) {
      return Step.nothing(Outcome.of(Outcome.Result.UNKNOWN));
    }
    return changed(move.id(), row.get(), row.get().moved(bodyOf(move, move.body())));
  }

  private Step moveVisible(Op.MoveVisible move) {
    Optional<QueueState> queue = views.queues().find(move.queueUid());
    if (queue.isEmpty()) {
      return Step.nothing(Outcome.of(Outcome.Result.UNKNOWN));
    }
    return Step.applied(
        new Effect.BodyMoved(
            queue.get(), move.queueOffset(), move.fromPosition(), bodyOf(move, move.body())));
  }

  private Step changed(HoldId id, HoldRow before, HoldRow after) {
    overlay.put(id, new Known(Optional.of(after), Optional.empty()), sequence);
    return Step.applied(new Effect.Changed(id, before, after));
  }

  private static Effect.Visible visible(
      QueueState queue, long position, BodyRef body, long timeMs, IndexKeys keys) {
    return new Effect.Visible(queue, queue.takeOffset(), position, body, timeMs, keys);
  }

  private BodyRef bodyOf(Op op, Op.Body body) {
    return new BodyRef(framePosition + op.recordAt(), body.offset(), body.size());
  }

  private Known known(HoldId id) {
    Known lately = overlay.hold(id);
    if (lately != null) {
      return lately;
    }
    Optional<HoldRow> row = views.holds().find(id);
    if (row.isPresent()) {
      return new Known(row, Optional.empty());
    }
    Optional<Decision> decision = views.holds().decision(id);
    return decision.isPresent() ? new Known(Optional.empty(), decision) : Known.NOTHING;
  }

  private Optional<TableRow> row(String table, Bytes key) {
    Overlay.KnownRow lately = overlay.row(table, key);
    return lately != null ? lately.row() : views.tables().get(table, key);
  }

  private boolean isForgotten(Decision decision) {
    return storeTimeMs - decision.decidedAtMs() > decisionRetentionMs;
  }

  private Outcome notHeld(Known known) {
    if (known.decision().isEmpty() || isForgotten(known.decision().get())) {
      return Outcome.of(Outcome.Result.UNKNOWN);
    }
    Decision decision = known.decision().get();
    return decision.released()
        ? new Outcome(Outcome.Result.ALREADY_RELEASED, decision.queueOffset(), decision.position())
        : Outcome.of(Outcome.Result.ALREADY_DISCARDED);
  }
}
