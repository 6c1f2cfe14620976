package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.Escrow.HoldGroup;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Mutation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/** Live and decided holds. Look-ups are thread-safe; changes are the sequencer's. */
public final class Holds {

  private static final List<HoldKind> KINDS = List.of(HoldKind.values());
  private static final String COUNT_PREFIX = "holds:";

  private final ViewStore store;
  private final ConcurrentHashMap<HoldGroup, Long> counts = new ConcurrentHashMap<>();

  Holds(ViewStore store) {
    this.store = store;
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
          }
          return true;
        });
  }

  /** The live hold with the id. */
  public Optional<HoldRow> find(HoldId id) {
    for (HoldKind kind : KINDS) {
      byte[] value = store.get(ViewFamily.HOLDS, Keys.hold(kind, id));
      if (value != null) {
        return Optional.of(HoldRow.decode(kind, value));
      }
    }
    return Optional.empty();
  }

  /** What was decided about the id, if that is still remembered. */
  public Optional<Decision> decision(HoldId id) {
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
    List<HoldEntry> entries = new ArrayList<>();
    store.scan(
        ViewFamily.DUE,
        from,
        (key, value) -> {
          if (entries.size() >= limit || Arrays.compareUnsigned(key, end) >= 0) {
            return false;
          }
          HoldId id = Keys.lastId(key);
          byte[] row = store.get(ViewFamily.HOLDS, Keys.hold(kind, id));
          if (row != null) {
            HoldEntry entry = HoldRow.decode(kind, row).entry(id);
            if (Arrays.equals(key, Keys.due(kind, entry.wakeAtMs(), id))) {
              entries.add(entry);
            }
          }
          return true;
        });
    return entries;
  }

  /** See {@link io.escrowmq.spi.storage.Escrow#scan}. */
  public List<HoldEntry> scan(HoldKind kind, Optional<HoldId> after, int limit) {
    byte[] from =
        after
            .map(id -> Keys.after(Keys.hold(kind, id)))
            .orElseGet(() -> new byte[] {(byte) kind.code()});
    List<HoldEntry> entries = new ArrayList<>();
    store.scan(
        ViewFamily.HOLDS,
        from,
        (key, value) -> {
          if (entries.size() >= limit || key[0] != kind.code()) {
            return false;
          }
          HoldId id = Keys.lastId(key);
          entries.add(HoldRow.decode(kind, value).entry(id));
          return true;
        });
    return entries;
  }

  /** Visits every live hold. */
  void forEach(BiConsumer<HoldId, HoldRow> visitor) {
    store.scan(
        ViewFamily.HOLDS,
        new byte[0],
        (key, value) -> {
          visitor.accept(Keys.lastId(key), HoldRow.decode(HoldKind.ofCode(key[0]), value));
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
    List<DecidedHold> decided = new ArrayList<>();
    store.scan(
        ViewFamily.DECIDED,
        from,
        (key, value) -> {
          Decision decision = Decision.decode(value);
          if (decided.size() < limit && decision.decidedAtMs() >= sinceMs) {
            decided.add(new DecidedHold(Keys.lastId(key), decision.status()));
          }
          return decided.size() < limit;
        });
    return decided;
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
    if (held.forgotten().isPresent()) {
      rows.delete(ViewFamily.DECIDED, Keys.decided(held.id()));
    }
    put(held.id(), held.row(), rows);
  }

  void stage(Effect.Changed changed, Rows rows) {
    remove(changed.id(), changed.before(), rows);
    put(changed.id(), changed.after(), rows);
  }

  void stage(Effect.Discarded discarded, Rows rows) {
    decide(discarded.id(), discarded.row(), discarded.decision(), rows);
  }

  void stage(Effect.Released released, Rows rows) {
    decide(released.id(), released.row(), released.decision(), rows);
  }

  void checkpoint(Rows rows) {
    counts.forEach((group, count) -> {
      String name = COUNT_PREFIX + group.kind().code() + ":" + group.topic();
      rows.put(ViewFamily.META, Meta.key(name), Meta.number(count));
    });
    counts.values().removeIf(count -> count == 0);
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

  private static void forget(HoldId id, Optional<Decision> decision, Rows rows) {
    decision.ifPresent(
        old -> rows.delete(ViewFamily.DECIDED_AT, Keys.decidedAt(old.decidedAtMs(), id)));
  }

  private static void remember(HoldId id, Decision decision, Rows rows) {
    rows.put(ViewFamily.DECIDED, Keys.decided(id), decision.encode());
    rows.mark(ViewFamily.DECIDED_AT, Keys.decidedAt(decision.decidedAtMs(), id));
  }

  private void decide(HoldId id, HoldRow row, Decision decision, Rows rows) {
    remove(id, row, rows);
    remember(id, decision, rows);
  }

  private void put(HoldId id, HoldRow row, Rows rows) {
    rows.put(ViewFamily.HOLDS, Keys.hold(row.kind(), id), row.encode());
    if (row.wakeAtMs() != Mutation.Hold.NEVER) {
      rows.mark(ViewFamily.DUE, Keys.due(row.kind(), row.wakeAtMs(), id));
    }
    counts.merge(new HoldGroup(row.kind(), row.queue().topic()), 1L, Long::sum);
  }

  private void remove(HoldId id, HoldRow row, Rows rows) {
    rows.delete(ViewFamily.HOLDS, Keys.hold(row.kind(), id));
    if (row.wakeAtMs() != Mutation.Hold.NEVER) {
      rows.delete(ViewFamily.DUE, Keys.due(row.kind(), row.wakeAtMs(), id));
    }
    counts.merge(new HoldGroup(row.kind(), row.queue().topic()), -1L, Long::sum);
  }
}
