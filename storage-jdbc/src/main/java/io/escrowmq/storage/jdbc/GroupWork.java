package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TableOwnership;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.storage.jdbc.Overlay.Head;
import io.escrowmq.storage.jdbc.Overlay.IdState;
import io.escrowmq.storage.jdbc.Overlay.RowKey;
import io.escrowmq.storage.jdbc.Overlay.RowState;
import io.escrowmq.storage.jdbc.Overlay.Visible;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What each batch of a group means: judged and applied in memory, on the group's overlay. */
final class GroupWork {

  private final Overlay overlay;
  private final long clockMs;
  private final Decisions decisions;

  GroupWork(Overlay overlay, long clockMs, Decisions decisions) {
    this.overlay = overlay;
    this.clockMs = clockMs;
    this.decisions = decisions;
  }

  /**
   * Preconditions first, all against the store as it was; then the changes, in order.
   *
   * @throws StorageException.Fenced if the batch was made for a lease that is over
   */
  WriteReceipt apply(PreparedBatch batch) {
    List<Mutation> mutations = batch.mutations();
    List<Outcome> judged = mutations.stream().map(this::judge).toList();
    boolean applied = judged.stream().allMatch(Outcome.APPLIED::equals);
    if (!applied) {
      return new WriteReceipt(false, nowMs(), judged.stream().map(GroupWork::rejected).toList());
    }
    overlay.counters.storeMs = nowMs();
    List<Outcome> outcomes = new ArrayList<>(mutations.size());
    for (int i = 0; i < mutations.size(); i++) {
      outcomes.add(change(batch, i));
    }
    return new WriteReceipt(true, overlay.counters.storeMs, outcomes);
  }

  /** The store's time: the clock, except that it never goes back. */
  private long nowMs() {
    return Math.max(overlay.counters.storeMs, clockMs);
  }

  private Outcome judge(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Require require -> {
        RowKey key = new RowKey(require.table(), require.key());
        yield overlay.row(key).version == require.version()
            ? Outcome.APPLIED
            : Outcome.of(Outcome.Result.PRECONDITION_FAILED);
      }
      case Mutation.RequireHeld requireHeld -> stateOf(requireHeld.id(), Outcome.APPLIED);
      case Mutation.Fence fence -> {
        long actual = epochOf(fence.scope());
        if (actual != fence.epoch()) {
          throw new StorageException.Fenced(fence.scope(), fence.epoch(), actual);
        }
        yield Outcome.APPLIED;
      }
      default -> Outcome.APPLIED;
    };
  }

  private static Outcome rejected(Outcome judged) {
    return judged.equals(Outcome.APPLIED) ? Outcome.NOT_APPLIED : judged;
  }

  private Outcome change(PreparedBatch batch, int index) {
    return switch (batch.mutations().get(index)) {
      case Mutation.Append append -> {
        MessageRow row = batch.row(index);
        yield append(overlay.head(append.queue()), row, overlay.counters.storeMs);
      }
      case Mutation.Hold hold -> hold(hold, batch.row(index));
      case Mutation.Release release -> release(release.id());
      case Mutation.Discard discard -> discard(discard.id());
      case Mutation.Reschedule reschedule -> reschedule(reschedule);
      case Mutation.Put put -> {
        RowState row = overlay.row(new RowKey(put.table(), put.key()));
        row.version = ++overlay.counters.lastVersion;
        row.value = put.value();
        row.changed = true;
        yield Outcome.APPLIED;
      }
      case Mutation.Delete delete -> {
        RowState row = overlay.row(new RowKey(delete.table(), delete.key()));
        row.version = Mutation.Require.ABSENT;
        row.value = null;
        row.changed = true;
        yield Outcome.APPLIED;
      }
      case Mutation.Trim trim -> trim(trim);
      case Mutation.Restore.Begin begin -> begin(begin);
      case Mutation.Restore.Visible visible ->
          append(overlay.head(visible.queue()), batch.row(index), visible.message().storeTimeMs());
      case Mutation.Restore.Held held -> {
        HoldEntry entry = held.entry();
        yield hold(entry.id(), held(entry, batch.row(index)));
      }
      case Mutation.Restore.Decided decided -> decided(decided);
      case Mutation.Require ignored -> Outcome.APPLIED;
      case Mutation.RequireHeld ignored -> Outcome.APPLIED;
      case Mutation.Fence ignored -> Outcome.APPLIED;
    };
  }

  private Outcome begin(Mutation.Restore.Begin begin) {
    Head head = overlay.existingHead(begin.queue());
    if (head != null && head.next > 0) {
      return Outcome.NOT_APPLIED;
    }
    if (begin.firstOffset() > 0) {
      overlay.head(begin.queue()).begin(begin.firstOffset());
    }
    return Outcome.APPLIED;
  }

  private Outcome append(Head head, MessageRow row, long storeMs) {
    MessageRow.Fields fields = row.fields();
    return append(head, row, null, storeMs, fields.sizeBytes(), fields.properties());
  }

  private Outcome append(
      Head head,
      @Nullable MessageRow message,
      @Nullable HoldId hold,
      long storeMs,
      int sizeBytes,
      String properties) {
    long offset = head.next++;
    long position = ++overlay.counters.lastPosition;
    overlay.counters.visibleMessages++;
    overlay.counters.visibleBytes += sizeBytes;
    overlay.visible.add(new Visible(head, offset, position, storeMs, message, hold, properties));
    return Outcome.appended(offset, position);
  }

  private Outcome hold(Mutation.Hold hold, MessageRow row) {
    HoldEntry entry =
        new HoldEntry(
            hold.id(),
            hold.queue(),
            hold.kind(),
            overlay.counters.storeMs,
            hold.wakeAtMs(),
            hold.attributes());
    return hold(hold.id(), held(entry, row));
  }

  private static HeldRow held(HoldEntry entry, MessageRow row) {
    return new HeldRow(
        entry.queue(),
        entry.kind(),
        entry.heldAtMs(),
        entry.wakeAtMs(),
        entry.attributes(),
        row.fields().sizeBytes(),
        row.fields().properties(),
        row);
  }

  private Outcome decided(Mutation.Restore.Decided decided) {
    Outcome known = stateOf(decided.id(), Outcome.of(Outcome.Result.ALREADY_HELD));
    if (known.result() != Outcome.Result.UNKNOWN) {
      return known;
    }
    overlay.id(decided.id()).decision = decided.status();
    return Outcome.APPLIED;
  }

  private Outcome hold(HoldId id, HeldRow held) {
    IdState state = overlay.id(id);
    Outcome known = stateOf(id, Outcome.of(Outcome.Result.ALREADY_HELD));
    if (known.result() != Outcome.Result.UNKNOWN) {
      return known;
    }
    overlay.head(held.queue());
    state.held = held;
    state.decision = HoldStatus.UNKNOWN;
    overlay.counters.holds++;
    return Outcome.APPLIED;
  }

  private Outcome release(HoldId id) {
    IdState state = overlay.id(id);
    HeldRow held = state.held;
    if (held == null) {
      return stateOf(id, Outcome.NOT_APPLIED);
    }
    Outcome outcome =
        append(
            overlay.head(held.queue()),
            held.message(),
            held.message() == null ? id : null,
            overlay.counters.storeMs,
            held.sizeBytes(),
            held.properties());
    decide(
        state,
        new HoldStatus(
            HoldStatus.State.RELEASED,
            outcome.queueOffset(),
            outcome.position(),
            overlay.counters.storeMs));
    return outcome;
  }

  private Outcome discard(HoldId id) {
    IdState state = overlay.id(id);
    if (state.held == null) {
      return stateOf(id, Outcome.NOT_APPLIED);
    }
    decide(state, new HoldStatus(HoldStatus.State.DISCARDED, -1, -1, overlay.counters.storeMs));
    return Outcome.APPLIED;
  }

  private void decide(IdState state, HoldStatus decision) {
    state.held = null;
    state.decision = decision;
    overlay.counters.holds--;
  }

  private Outcome reschedule(Mutation.Reschedule change) {
    IdState state = overlay.id(change.id());
    HeldRow held = state.held;
    if (held == null) {
      return stateOf(change.id(), Outcome.NOT_APPLIED);
    }
    state.held = held.rescheduled(change.kind(), change.wakeAtMs(), change.attributes());
    return Outcome.APPLIED;
  }

  private Outcome trim(Mutation.Trim trim) {
    Head head = overlay.existingHead(trim.queue());
    if (head != null) {
      head.min = Math.max(head.min, Math.min(trim.newMinOffset(), head.next));
    }
    return Outcome.APPLIED;
  }

  private Outcome stateOf(HoldId id, Outcome ifHeld) {
    IdState state = overlay.id(id);
    if (state.held != null) {
      return ifHeld;
    }
    HoldStatus status = decisions.remembered(state.decision, nowMs());
    return switch (status.state()) {
      case HELD -> ifHeld;
      case RELEASED ->
          new Outcome(Outcome.Result.ALREADY_RELEASED, status.queueOffset(), status.position());
      case DISCARDED -> Outcome.of(Outcome.Result.ALREADY_DISCARDED);
      case UNKNOWN -> Outcome.of(Outcome.Result.UNKNOWN);
    };
  }

  private long epochOf(String scope) {
    RowKey key = new RowKey(TableOwnership.TABLE, TableOwnership.keyOf(scope));
    io.escrowmq.spi.storage.Bytes lease = overlay.row(key).value;
    return lease == null ? 0 : TableOwnership.epochOf(lease);
  }
}
