package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.Escrow.HoldGroup;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Mutation;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/** Live and decided holds. Look-ups are thread-safe; changes are the sequencer's. */
public final class Holds {

  private static final List<HoldKind> KINDS = List.of(HoldKind.values());
  private static final String COUNT_PREFIX = "holds:";

  private final ViewStore store;
  private final ConcurrentHashMap<HoldGroup, Long> counts = new ConcurrentHashMap<>();
  private final YoungHolds young = new YoungHolds();
  private final YoungDecisions decisions = new YoungDecisions();

  private final Map<HoldKind, Stored> stored = new EnumMap<>(HoldKind.class);

  /** How many of a kind the database has: where there are none, none need be looked for. */
  private static final class Stored {
    private final AtomicLong rows = new AtomicLong();
    private long leaving;
  }

  Holds(ViewStore store) {
    this.store = store;
    KINDS.forEach(kind -> stored.put(kind, new Stored()));
    byte[] prefix = Meta.key(COUNT_PREFIX);
    store.scan(
        ViewFamily.META,
        prefix,
        (key, value) -> {
          if (!Keys.startsWith(key, prefix)) {
            return false;
          }
          String name = Meta.name(key).substring(COUNT_PREFIX.length());
          int kindEnd = name.indexOf(':');
          HoldKind kind = HoldKind.ofCode(Integer.parseInt(name.substring(0, kindEnd)));
          long count = ByteBuffer.wrap(value).getLong();
          if (count > 0) {
            counts.put(new HoldGroup(kind, name.substring(kindEnd + 1)), count);
            stored(kind).rows.addAndGet(count);
          }
          return true;
        });
  }

  /** The live hold with the id. */
  public Optional<HoldRow> find(HoldId id) {
    store.requireOpen();
    HoldRow row = young.find(id);
    if (row != null) {
      return Optional.of(row);
    }
    for (HoldKind kind : KINDS) {
      byte[] value =
          stored(kind).rows.get() == 0 ? null : store.get(ViewFamily.HOLDS, Keys.hold(kind, id));
      if (value != null) {
        return Optional.of(HoldRow.decode(kind, value));
      }
    }
    return Optional.empty();
  }

  /** What was decided about the id, if that is still remembered. */
  public Optional<Decision> decision(HoldId id) {
    Decision lately = decisions.find(id);
    if (lately != null) {
      return Optional.of(lately);
    }
    byte[] value = store.get(ViewFamily.DECIDED, Keys.decided(id));
    return value == null ? Optional.empty() : Optional.of(Decision.decode(value));
  }

  /** See {@link io.escrowmq.spi.storage.Escrow#due}. */
  public List<HoldEntry> due(HoldKind kind, Optional<HoldEntry> after, long beforeMs, int limit) {
    byte[] from =
        after
            .map(entry -> Keys.after(Keys.due(kind, entry.wakeAtMs(), entry.id())))
            .orElseGet(() -> Keys.due(kind, Long.MIN_VALUE, new HoldId(0, 0)));
    byte[] end = Keys.due(kind, beforeMs, new HoldId(0, 0));
    HoldPage page = new HoldPage(entry -> Keys.due(kind, entry.wakeAtMs(), entry.id()), from, end);
    young.forEach(
        kind,
        (id, row) -> {
          if (row.wakeAtMs() < beforeMs) {
            page.young(row.entry(id));
          }
        });
    store.scan(
        ViewFamily.DUE,
        from,
        (key, value) -> {
          if (page.stored() >= limit || Arrays.compareUnsigned(key, end) >= 0) {
            return false;
          }
          HoldId id = Keys.lastId(key);
          byte[] row = store.get(ViewFamily.HOLDS, Keys.hold(kind, id));
          if (row != null) {
            HoldEntry entry = HoldRow.decode(kind, row).entry(id);
            if (Arrays.equals(key, Keys.due(kind, entry.wakeAtMs(), id))) {
              page.stored(entry);
            }
          }
          return true;
        });
    return page.first(limit);
  }

  /** See {@link io.escrowmq.spi.storage.Escrow#scan}. */
  public List<HoldEntry> scan(HoldKind kind, Optional<HoldId> after, int limit) {
    byte[] from =
        after
            .map(id -> Keys.after(Keys.hold(kind, id)))
            .orElseGet(() -> new byte[] {(byte) kind.code()});
    byte[] end = new byte[] {(byte) (kind.code() + 1)};
    HoldPage page = new HoldPage(entry -> Keys.hold(kind, entry.id()), from, end);
    young.forEach(kind, (id, row) -> page.young(row.entry(id)));
    store.scan(
        ViewFamily.HOLDS,
        from,
        (key, value) -> {
          if (page.stored() >= limit || key[0] != kind.code()) {
            return false;
          }
          page.stored(HoldRow.decode(kind, value).entry(Keys.lastId(key)));
          return true;
        });
    return page.first(limit);
  }

  /** Visits every live hold. */
  void forEach(BiConsumer<HoldId, HoldRow> visitor) {
    Set<HoldId> visited = new HashSet<>();
    for (HoldKind kind : KINDS) {
      young.forEach(
          kind,
          (id, row) -> {
            visited.add(id);
            visitor.accept(id, row);
          });
    }
    store.scan(
        ViewFamily.HOLDS,
        new byte[0],
        (key, value) -> {
          HoldId id = Keys.lastId(key);
          if (!visited.contains(id)) {
            visitor.accept(id, HoldRow.decode(HoldKind.ofCode(key[0]), value));
          }
          return true;
        });
  }

  /**
   * Decisions in id order, beginning after the id.
   *
   * @param sinceMs those made before this time are left out
   */
  public List<DecidedHold> decided(Optional<HoldId> after, long sinceMs, int limit) {
    byte[] from = after.map(id -> Keys.after(Keys.decided(id))).orElseGet(() -> new byte[0]);
    TreeMap<byte[], Decision> page = new TreeMap<>(Arrays::compareUnsigned);
    decisions.forEach((id, decision) -> {
      byte[] key = Keys.decided(id);
      if (decision.decidedAtMs() >= sinceMs && Arrays.compareUnsigned(key, from) >= 0) {
        page.put(key, decision);
        if (page.size() > limit) {
          page.pollLastEntry();
        }
      }
    });
    int[] stored = {0};
    store.scan(
        ViewFamily.DECIDED,
        from,
        (key, value) -> {
          Decision decision = Decision.decode(value);
          if (stored[0] < limit && decision.decidedAtMs() >= sinceMs) {
            page.putIfAbsent(key, decision);
            stored[0]++;
          }
          return stored[0] < limit;
        });
    return page.entrySet().stream()
        .limit(limit)
        .map(entry -> new DecidedHold(Keys.lastId(entry.getKey()), entry.getValue().status()))
        .toList();
  }

  /** Live holds by kind and topic. */
  public Map<HoldGroup, Long> counts() {
    Map<HoldGroup, Long> live = new HashMap<>();
    counts.forEach((group, count) -> {
      if (count > 0) {
        live.put(group, count);
      }
    });
    return live;
  }

  void stage(Effect.Remembered remembered, Rows rows) {
    forget(remembered.id(), remembered.forgotten(), rows);
    remember(remembered.id(), remembered.decision(), rows);
  }

  void stage(Effect.Held held, Rows rows) {
    forget(held.id(), held.forgotten(), rows);
    young.add(held.id(), held.row());
    count(held.row(), 1);
  }

  void stage(Effect.Changed changed, Rows rows) {
    if (young.isHere(changed.id())) {
      young.replace(changed.id(), changed.after());
    } else {
      delete(changed.id(), changed.before(), rows);
      put(changed.id(), changed.after(), rows);
    }
    count(changed.before(), -1);
    count(changed.after(), 1);
  }

  void stage(Effect.Discarded discarded, Rows rows) {
    decide(discarded.id(), discarded.row(), discarded.decision(), rows);
  }

  void stage(Effect.Released released, Rows rows) {
    decide(released.id(), released.row(), released.decision(), rows);
  }

  /** Shows what is new and adds to the rows what becomes too old; see {@link YoungHolds}. */
  void beforeWrite(Rows rows) {
    young.showNew();
    decisions.generations().current().show();
    young.evict(false, (id, row) -> put(id, row, rows));
  }

  /** The rows were written. */
  void afterWrite() {
    young.hideOld();
    for (Stored kind : stored.values()) {
      kind.rows.addAndGet(-kind.leaving);
      kind.leaving = 0;
    }
  }

  /** Adds everything that is only in memory. Nothing may be staged. */
  void checkpoint(Rows rows) {
    young.evict(true, (id, row) -> put(id, row, rows));
    counts.forEach((group, count) -> {
      String name = COUNT_PREFIX + group.kind().code() + ":" + group.topic();
      rows.put(ViewFamily.META, Meta.key(name), Meta.number(count));
    });
    counts.values().removeIf(count -> count == 0);
  }

  /** Decisions that are not in the database yet. */
  Generations youngDecisions() {
    return decisions.generations();
  }

  /** The sealed decisions are in the database. */
  void dropSealedDecisions(Rows rows) {
    decisions.dropSealed((id, old) -> forgetStored(id, old, rows));
  }

  /** Forgets up to {@code limit} decisions made before the time; true if there may be more. */
  boolean forget(long beforeMs, int limit, Rows rows) {
    int[] left = {limit};
    store.scan(
        ViewFamily.DECIDED_AT,
        new byte[0],
        (key, value) -> {
          if (left[0] == 0 || ByteBuffer.wrap(key).getLong() >= beforeMs) {
            return false;
          }
          rows.delete(ViewFamily.DECIDED, Keys.decided(Keys.lastId(key)));
          rows.delete(ViewFamily.DECIDED_AT, key);
          left[0]--;
          return true;
        });
    return left[0] == 0;
  }

  private void forget(HoldId id, Optional<Decision> decision, Rows rows) {
    decision.ifPresent(old -> {
      decisions.forget(id, old);
      forgetStored(id, old, rows);
    });
  }

  private static void forgetStored(HoldId id, Decision old, Rows rows) {
    rows.delete(ViewFamily.DECIDED, Keys.decided(id));
    rows.delete(ViewFamily.DECIDED_AT, Keys.decidedAt(old.decidedAtMs(), id));
  }

  private void remember(HoldId id, Decision decision, Rows rows) {
    if (!decisions.add(id, decision)) {
      rows.put(ViewFamily.DECIDED, Keys.decided(id), decision.encode());
      rows.mark(ViewFamily.DECIDED_AT, Keys.decidedAt(decision.decidedAtMs(), id));
    }
  }

  private void decide(HoldId id, HoldRow row, Decision decision, Rows rows) {
    if (young.isHere(id)) {
      young.remove(id);
    } else {
      delete(id, row, rows);
    }
    count(row, -1);
    remember(id, decision, rows);
  }

  private void put(HoldId id, HoldRow row, Rows rows) {
    // Before the row is there: whoever finds the hold neither in memory nor counted here is right.
    stored(row.kind()).rows.incrementAndGet();
    rows.put(ViewFamily.HOLDS, Keys.hold(row.kind(), id), row.encode());
    if (row.wakeAtMs() != Mutation.Hold.NEVER) {
      rows.mark(ViewFamily.DUE, Keys.due(row.kind(), row.wakeAtMs(), id));
    }
  }

  private void delete(HoldId id, HoldRow row, Rows rows) {
    stored(row.kind()).leaving++;
    rows.delete(ViewFamily.HOLDS, Keys.hold(row.kind(), id));
    if (row.wakeAtMs() != Mutation.Hold.NEVER) {
      rows.delete(ViewFamily.DUE, Keys.due(row.kind(), row.wakeAtMs(), id));
    }
  }

  private Stored stored(HoldKind kind) {
    return Objects.requireNonNull(stored.get(kind));
  }

  private void count(HoldRow row, long change) {
    counts.merge(new HoldGroup(row.kind(), row.queue().topic()), change, Long::sum);
  }
}
