package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Escrow.HoldGroup;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** Live and decided holds, as the batches of a group change them. The committer's alone. */
final class Holds {

  private final Database database;
  private final Queues queues;
  private final StoreClock clock;
  private final BatchBuffer out;

  /** What is known of the ids that this group touched. */
  private final Map<HoldId, Known> known = new HashMap<>();

  private final Map<HoldGroup, Long> counts;
  private final Set<HoldGroup> recounted = new LinkedHashSet<>();

  /** Deletions in the ordered families since the last {@link #takeDeletions()}. */
  private final AtomicLong deletions = new AtomicLong();

  /** What is known of an id. */
  private sealed interface Known {
    /** Held; the message is here if it came with this group, else in the database. */
    record Live(HoldRow row, @Nullable Message message) implements Known {}

    record Decided(Decision decision) implements Known {}

    record Nothing() implements Known {}
  }

  Holds(Database database, Queues queues, StoreClock clock, BatchBuffer out) {
    this.database = database;
    this.queues = queues;
    this.clock = clock;
    this.out = out;
    this.counts = new HashMap<>(HoldCounts.read(database));
  }

  /** As an outcome: {@code ifHeld} if the id is held now, else what it is instead. */
  Outcome stateOf(HoldId id, Outcome ifHeld) {
    return switch (find(id)) {
      case Known.Live ignored -> ifHeld;
      case Known.Decided decided ->
          clock.isForgotten(decided.decision())
              ? Outcome.of(Outcome.Result.UNKNOWN)
              : decided.decision().outcome();
      case Known.Nothing ignored -> Outcome.of(Outcome.Result.UNKNOWN);
    };
  }

  /** Size of the message that a release of the id would make visible. */
  long bodyBytes(HoldId id) {
    return find(id) instanceof Known.Live live ? live.row().bodyBytes() : 0;
  }

  Outcome hold(Mutation.Hold hold) {
    return hold(
        hold.id(),
        new HoldRow(
            hold.queue(),
            hold.kind(),
            clock.lastMs(),
            hold.wakeAtMs(),
            hold.message().size(),
            hold.attributes()),
        hold.message());
  }

  /** A hold of another store. */
  Outcome restore(Mutation.Restore.Held held) {
    HoldEntry entry = held.entry();
    return hold(
        entry.id(),
        new HoldRow(
            entry.queue(),
            entry.kind(),
            entry.heldAtMs(),
            entry.wakeAtMs(),
            held.message().size(),
            entry.attributes()),
        held.message());
  }

  /** A decision of another store. */
  Outcome restore(Mutation.Restore.Decided decided) {
    HoldId id = decided.id();
    Outcome now = stateOf(id, Outcome.of(Outcome.Result.ALREADY_HELD));
    if (now.result() != Outcome.Result.UNKNOWN) {
      return now;
    }
    forgetOld(id);
    remember(id, Decision.of(decided.status()));
    return Outcome.APPLIED;
  }

  private Outcome hold(HoldId id, HoldRow row, Message message) {
    Outcome now = stateOf(id, Outcome.of(Outcome.Result.ALREADY_HELD));
    if (now.result() != Outcome.Result.UNKNOWN) {
      return now;
    }
    forgetOld(id);
    var _ = out.put(database.number(Family.BODIES), Keys.id(id), message.bytes());
    put(id, row, message);
    return Outcome.APPLIED;
  }

  Outcome release(HoldId id) throws RocksDBException {
    if (!(find(id) instanceof Known.Live live)) {
      return stateOf(id, Outcome.NOT_APPLIED);
    }
    Message message = live.message() == null ? body(id) : live.message();
    Outcome visible =
        queues.append(
            live.row().queue(),
            message.bytes(),
            KeyHashes.of(live.row().queue().topic(), message),
            clock.lastMs());
    decide(id, live.row(), Decision.release(visible, clock.lastMs()));
    return visible;
  }

  Outcome discard(HoldId id) {
    if (!(find(id) instanceof Known.Live live)) {
      return stateOf(id, Outcome.NOT_APPLIED);
    }
    decide(id, live.row(), Decision.discard(clock.lastMs()));
    return Outcome.APPLIED;
  }

  Outcome reschedule(Mutation.Reschedule change) {
    if (!(find(change.id()) instanceof Known.Live live)) {
      return stateOf(change.id(), Outcome.NOT_APPLIED);
    }
    HoldRow changed = live.row().rescheduled(change.kind(), change.wakeAtMs(), change.attributes());
    remove(change.id(), live.row());
    put(change.id(), changed, live.message());
    return Outcome.APPLIED;
  }

  /** Forgets up to {@code limit} decisions made before the time; true if there may be more. */
  boolean forget(long beforeMs, int limit) {
    int[] left = {limit};
    database.scan(
        Family.DECIDED_AT,
        new byte[0],
        (key, value) -> {
          long decidedAtMs = ByteBuffer.wrap(key).getLong();
          if (left[0] == 0 || decidedAtMs >= beforeMs) {
            return false;
          }
          forget(Keys.lastId(key), decidedAtMs);
          left[0]--;
          return true;
        });
    return left[0] == 0;
  }

  /** Adds the changed counts to a group. */
  void stage() {
    int family = database.number(Family.STORE);
    for (HoldGroup group : recounted) {
      byte[] key = Keys.count(group.kind(), group.topic());
      long count = counts.getOrDefault(group, 0L);
      if (count == 0) {
        counts.remove(group);
        out.delete(family, key);
      } else {
        out.put(family, key, ByteBuffer.allocate(Long.BYTES).putLong(count).array());
      }
    }
    recounted.clear();
    known.clear();
  }

  /** Deleted rows that scans have to step over until a compaction. Thread-safe. */
  long deletions() {
    return deletions.get();
  }

  /** A compaction begins: counts anew. Thread-safe. */
  void takeDeletions() {
    deletions.set(0);
  }

  private void decide(HoldId id, HoldRow row, Decision decision) {
    remove(id, row);
    out.delete(database.number(Family.HOLDS), Keys.id(id));
    out.delete(database.number(Family.BODIES), Keys.id(id));
    remember(id, decision);
  }

  private void remember(HoldId id, Decision decision) {
    out.put(database.number(Family.DECIDED), Keys.id(id), decision.encode());
    out.mark(database.number(Family.DECIDED_AT), Keys.decidedAt(decision.decidedAtMs(), id));
    known.put(id, new Known.Decided(decision));
  }

  /** Makes room for a new life of an id whose decision is past its time. */
  private void forgetOld(HoldId id) {
    if (find(id) instanceof Known.Decided forgotten) {
      forget(id, forgotten.decision().decidedAtMs());
    }
  }

  private void forget(HoldId id, long decidedAtMs) {
    deletions.incrementAndGet();
    out.delete(database.number(Family.DECIDED), Keys.id(id));
    out.delete(database.number(Family.DECIDED_AT), Keys.decidedAt(decidedAtMs, id));
  }

  /** Writes the row and what finds it. */
  private void put(HoldId id, HoldRow row, @Nullable Message message) {
    out.put(database.number(Family.HOLDS), Keys.id(id), row.encode());
    out.mark(database.number(Family.KINDS), Keys.kind(row.kind(), id));
    if (row.wakeAtMs() != Mutation.Hold.NEVER) {
      out.mark(database.number(Family.DUE), Keys.due(row.kind(), row.wakeAtMs(), id));
    }
    known.put(id, new Known.Live(row, message));
    count(row, 1);
  }

  /** Removes what finds the row, but not the row. */
  private void remove(HoldId id, HoldRow row) {
    deletions.incrementAndGet();
    out.delete(database.number(Family.KINDS), Keys.kind(row.kind(), id));
    if (row.wakeAtMs() != Mutation.Hold.NEVER) {
      out.delete(database.number(Family.DUE), Keys.due(row.kind(), row.wakeAtMs(), id));
    }
    count(row, -1);
  }

  private void count(HoldRow row, long difference) {
    HoldGroup group = new HoldGroup(row.kind(), row.queue().topic());
    counts.merge(group, difference, Long::sum);
    recounted.add(group);
  }

  private Message body(HoldId id) {
    byte[] body = database.get(Family.BODIES, Keys.id(id));
    if (body == null) {
      throw new StorageException.Corrupt("hold " + id + " has no message");
    }
    return Message.wrap(ByteBuffer.wrap(body));
  }

  private Known find(HoldId id) {
    Known found = known.get(id);
    if (found == null) {
      found = load(id);
      known.put(id, found);
    }
    return found;
  }

  private Known load(HoldId id) {
    byte[] key = Keys.id(id);
    byte[] row = database.get(Family.HOLDS, key);
    if (row != null) {
      return new Known.Live(HoldRow.decode(row), null);
    }
    byte[] decided = database.get(Family.DECIDED, key);
    return decided == null ? new Known.Nothing() : new Known.Decided(Decision.decode(decided));
  }
}
