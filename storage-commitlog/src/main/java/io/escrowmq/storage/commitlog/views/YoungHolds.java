package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Live holds that are not in the database yet. Most transactions are decided within milliseconds:
 * they never get there, and nobody has to delete them. The others follow when this many newer ones
 * have come, or at the next checkpoint, which is what a restart begins with.
 *
 * <p>Changes are staged by the sequencer and shown in an order in which every reader that looks
 * here first and in the database second finds a hold that is live: new ones before the database is
 * written, those that went into it or were decided after that. Look-ups are thread-safe.
 */
final class YoungHolds {

  /** A checkpoint writes all of them at once: about 15 ms for this many. */
  static final int MOST = 8192;

  private final ConcurrentHashMap<HoldId, HoldRow> shown = new ConcurrentHashMap<>();
  private final Map<HoldId, Optional<HoldRow>> staged = new HashMap<>();
  private final ArrayDeque<HoldId> oldestFirst = new ArrayDeque<>();
  private final Set<HoldId> leaving = new HashSet<>();

  /** The hold, if it is here. */
  @Nullable HoldRow find(HoldId id) {
    return shown.get(id);
  }

  /** Visits those of a kind, in no order. */
  void forEach(HoldKind kind, BiConsumer<HoldId, HoldRow> visitor) {
    shown.forEach((id, row) -> {
      if (row.kind() == kind) {
        visitor.accept(id, row);
      }
    });
  }

  /** True if the hold is here once everything staged is shown. Sequencer only. */
  boolean isHere(HoldId id) {
    Optional<HoldRow> change = staged.get(id);
    return change == null ? shown.containsKey(id) : change.isPresent();
  }

  /** Stages a new hold. */
  void add(HoldId id, HoldRow row) {
    staged.put(id, Optional.of(row));
    oldestFirst.add(id);
  }

  /** Stages a change of a hold that is here. */
  void replace(HoldId id, HoldRow row) {
    staged.put(id, Optional.of(row));
  }

  /** Stages the end of a hold that is here. */
  void remove(HoldId id) {
    staged.put(id, Optional.empty());
  }

  /** Shows the new ones. The first step of publishing. */
  void showNew() {
    staged.forEach((id, row) -> row.ifPresent(live -> shown.put(id, live)));
  }

  /**
   * Gives those that must go to the database now: all, or the oldest of too many. The second step
   * of publishing.
   */
  void evict(boolean all, BiConsumer<HoldId, HoldRow> database) {
    int stay = all ? 0 : MOST;
    while (oldestFirst.size() > stay) {
      HoldId id = oldestFirst.remove();
      HoldRow row = shown.get(id);
      if (row != null && isHere(id) && leaving.add(id)) {
        database.accept(id, row);
      }
    }
  }

  /** Hides what the database has or what was decided. The last step, after the database's write. */
  void hideOld() {
    staged.forEach((id, row) -> {
      if (row.isEmpty()) {
        shown.remove(id);
      }
    });
    leaving.forEach(shown::remove);
    staged.clear();
    leaving.clear();
  }
}
