package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TableOwnership;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** How a batch changes the contents. Called inside the {@link MemoryGate} only. */
final class MemoryWriter {

  private final MemoryContents contents;
  private final TimeSource time;
  private final Duration decisionRetention;

  MemoryWriter(MemoryContents contents, TimeSource time, Duration decisionRetention) {
    this.contents = contents;
    this.time = time;
    this.decisionRetention = decisionRetention;
  }

  /** Preconditions first, all against the store as it was; then the changes, in order. */
  WriteReceipt apply(WriteBatch batch) {
    BatchLimits.check(batch);
    List<Outcome> judged = batch.mutations().stream().map(this::judge).toList();
    boolean applied = judged.stream().allMatch(Outcome.APPLIED::equals);
    if (applied) {
      contents.lastStoreTimeMs = nowMs();
    }
    List<Outcome> outcomes =
        applied
            ? batch.mutations().stream().map(this::change).toList()
            : judged.stream().map(MemoryWriter::rejected).toList();
    return new WriteReceipt(applied, nowMs(), outcomes);
  }

  /** The store's time: the clock, except that it never goes back. */
  long nowMs() {
    return Math.max(contents.lastStoreTimeMs, time.nowMs());
  }

  /** What is known of a hold id. */
  HoldStatus status(HoldId id) {
    if (contents.held.containsKey(id)) {
      return HoldStatus.HELD;
    }
    HoldStatus decision = contents.decided.getOrDefault(id, HoldStatus.UNKNOWN);
    return isForgotten(decision) ? HoldStatus.UNKNOWN : decision;
  }

  /** True if the decision is older than the decision retention. */
  boolean isForgotten(HoldStatus decision) {
    return nowMs() - decision.decidedAtMs() > decisionRetention.toMillis();
  }

  /** {@link Outcome#APPLIED} for whatever is no precondition, and for one that holds true. */
  private Outcome judge(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Require require ->
          versionOf(require) == require.version()
              ? Outcome.APPLIED
              : Outcome.of(Outcome.Result.PRECONDITION_FAILED);
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

  private Outcome change(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Append append ->
          appended(append.queue(), append.message(), contents.lastStoreTimeMs);
      case Mutation.Hold hold -> hold(hold);
      case Mutation.Release release -> release(release.id());
      case Mutation.Discard discard -> discard(discard.id());
      case Mutation.Reschedule reschedule -> reschedule(reschedule);
      case Mutation.Put put -> put(put);
      case Mutation.Delete delete -> {
        rows(delete.table()).remove(delete.key());
        yield Outcome.APPLIED;
      }
      case Mutation.Trim trim -> {
        contents.trim(trim.queue(), trim.newMinOffset());
        yield Outcome.APPLIED;
      }
      case Mutation.Restore.Begin begin ->
          contents.begin(begin.queue(), begin.firstOffset())
              ? Outcome.APPLIED
              : Outcome.NOT_APPLIED;
      case Mutation.Restore.Visible visible ->
          appended(visible.queue(), visible.message(), visible.message().storeTimeMs());
      case Mutation.Restore.Held held -> held(held.entry(), held.message());
      case Mutation.Restore.Decided decided -> decided(decided);
      case Mutation.Require ignored -> Outcome.APPLIED;
      case Mutation.RequireHeld ignored -> Outcome.APPLIED;
      case Mutation.Fence ignored -> Outcome.APPLIED;
    };
  }

  private Outcome hold(Mutation.Hold hold) {
    HoldEntry entry =
        new HoldEntry(
            hold.id(),
            hold.queue(),
            hold.kind(),
            contents.lastStoreTimeMs,
            hold.wakeAtMs(),
            hold.attributes());
    return held(entry, hold.message());
  }

  private Outcome held(HoldEntry entry, Message message) {
    if (status(entry.id()).state() != HoldStatus.State.UNKNOWN) {
      return stateOf(entry.id(), Outcome.of(Outcome.Result.ALREADY_HELD));
    }
    contents.held.put(entry.id(), new HeldMessage(entry, message.copy()));
    contents.decided.remove(entry.id());
    return Outcome.APPLIED;
  }

  private Outcome decided(Mutation.Restore.Decided decided) {
    if (status(decided.id()).state() != HoldStatus.State.UNKNOWN) {
      return stateOf(decided.id(), Outcome.of(Outcome.Result.ALREADY_HELD));
    }
    contents.decided.put(decided.id(), decided.status());
    return Outcome.APPLIED;
  }

  private Outcome release(HoldId id) {
    HeldMessage held = contents.held.remove(id);
    if (held == null) {
      return stateOf(id, Outcome.NOT_APPLIED);
    }
    Message visible =
        contents.append(held.entry().queue(), held.message(), contents.lastStoreTimeMs);
    contents.decided.put(
        id,
        new HoldStatus(
            HoldStatus.State.RELEASED,
            visible.queueOffset(),
            visible.position(),
            contents.lastStoreTimeMs));
    return appended(visible);
  }

  private Outcome discard(HoldId id) {
    HeldMessage held = contents.held.remove(id);
    if (held == null) {
      return stateOf(id, Outcome.NOT_APPLIED);
    }
    contents.decided.put(
        id, new HoldStatus(HoldStatus.State.DISCARDED, -1, -1, contents.lastStoreTimeMs));
    return Outcome.APPLIED;
  }

  private Outcome reschedule(Mutation.Reschedule change) {
    HeldMessage held = contents.held.get(change.id());
    if (held == null) {
      return stateOf(change.id(), Outcome.NOT_APPLIED);
    }
    HoldEntry entry =
        new HoldEntry(
            change.id(),
            held.entry().queue(),
            change.kind(),
            held.entry().heldAtMs(),
            change.wakeAtMs(),
            change.attributes());
    contents.held.put(change.id(), new HeldMessage(entry, held.message()));
    return Outcome.APPLIED;
  }

  private Outcome put(Mutation.Put put) {
    TableRow row = new TableRow(put.key(), put.value(), ++contents.lastVersion);
    rows(put.table()).put(put.key(), row);
    return Outcome.APPLIED;
  }

  private Outcome stateOf(HoldId id, Outcome ifHeld) {
    HoldStatus status = status(id);
    return switch (status.state()) {
      case HELD -> ifHeld;
      case RELEASED ->
          new Outcome(Outcome.Result.ALREADY_RELEASED, status.queueOffset(), status.position());
      case DISCARDED -> Outcome.of(Outcome.Result.ALREADY_DISCARDED);
      case UNKNOWN -> Outcome.of(Outcome.Result.UNKNOWN);
    };
  }

  private NavigableMap<Bytes, TableRow> rows(String table) {
    return contents.tables.computeIfAbsent(table, ignored -> new TreeMap<>());
  }

  private Optional<TableRow> row(String table, Bytes key) {
    return Optional.ofNullable(rows(table).get(key));
  }

  private long versionOf(Mutation.Require require) {
    return row(require.table(), require.key())
        .map(TableRow::version)
        .orElse(Mutation.Require.ABSENT);
  }

  private long epochOf(String scope) {
    return row(TableOwnership.TABLE, TableOwnership.keyOf(scope))
        .map(lease -> TableOwnership.epochOf(lease.value()))
        .orElse(0L);
  }

  private Outcome appended(QueueId queue, Message message, long storeTimeMs) {
    return appended(contents.append(queue, message, storeTimeMs));
  }

  private static Outcome appended(Message message) {
    return Outcome.appended(message.queueOffset(), message.position());
  }
}
