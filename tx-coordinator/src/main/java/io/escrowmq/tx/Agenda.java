package io.escrowmq.tx;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which transactions to look at and when, by producer group: so that a group's question need not
 * wait until the walk through the store has passed another group's million. A bounded memory of
 * hints: what is not here is found by the walk, and what is here may be decided or asked already.
 * When it is full, the group with the most entries loses its latest. Thread-safe.
 */
final class Agenda {

  /** About 100 bytes each. */
  static final int MOST = 65_536;

  /** Groups beyond these are left to the walk. */
  static final int MOST_GROUPS = 4_096;

  /** Lost by the largest group at once, so that it is looked for seldom. */
  private static final int LOST_AT_ONCE = 256;

  private static final Comparator<Entry> ORDER =
      Comparator.comparingLong(Entry::atMs)
          .thenComparingLong(entry -> entry.handle().a())
          .thenComparingLong(entry -> entry.handle().b());

  /** The walk passes this many in one go, so what is opened beside so few need not be noted. */
  static final int FEW = 5_000;

  /** Sets are changed only within the map's atomic methods. */
  private final ConcurrentHashMap<String, TreeSet<Entry>> groups = new ConcurrentHashMap<>();

  private final AtomicInteger size = new AtomicInteger();

  /** Transactions known to be undecided; those of another server may be missing. */
  private final AtomicLong open;

  /**
   * An empty agenda.
   *
   * @param open transactions that are undecided already
   */
  Agenda(long open) {
    this.open = new AtomicLong(open);
  }

  private record Entry(long atMs, Handle handle) {}

  /** A transaction began: most are decided before the time, without anything done for them here. */
  void opened(String group, Handle handle, long atMs) {
    if (open.incrementAndGet() > FEW) {
      add(group, handle, atMs);
    }
  }

  /** A transaction is decided that was to be looked at at this time, if at all. */
  void decided(String group, Handle handle, long atMs) {
    open.updateAndGet(known -> Math.max(0, known - 1));
    if (size.get() > 0) {
      remove(group, handle, atMs);
    }
  }

  /** Notes that the transaction of the group is worth a look at the time. */
  void add(String group, Handle handle, long atMs) {
    Entry entry = new Entry(atMs, handle);
    groups.compute(
        group,
        (_, known) -> {
          if (known == null && groups.size() >= MOST_GROUPS) {
            return null;
          }
          TreeSet<Entry> entries = known == null ? new TreeSet<>(ORDER) : known;
          if (entries.add(entry)
              && size.incrementAndGet() > MOST
              && entries.size() > MOST / Math.max(1, groups.size())) {
            // It has more than its share itself: nobody else need be looked for.
            entries.pollLast();
            size.decrementAndGet();
          }
          return entries.isEmpty() ? null : entries;
        });
    if (size.get() > MOST) {
      shortenLargest();
    }
  }

  /** Forgets what was added with exactly these arguments. */
  private void remove(String group, Handle handle, long atMs) {
    groups.computeIfPresent(
        group,
        (_, entries) -> {
          if (entries.remove(new Entry(atMs, handle))) {
            size.decrementAndGet();
          }
          return entries.isEmpty() ? null : entries;
        });
  }

  /** The groups with anything noted. */
  List<String> groups() {
    return List.copyOf(groups.keySet());
  }

  /** True if the group has something to look at now. */
  boolean isDue(String group, long nowMs) {
    boolean[] due = {false};
    groups.computeIfPresent(
        group,
        (_, entries) -> {
          due[0] = entries.first().atMs() <= nowMs;
          return entries;
        });
    return due[0];
  }

  /** Takes out the first that is worth a look now. */
  Optional<Handle> take(String group, long nowMs) {
    Handle[] taken = new Handle[1];
    groups.computeIfPresent(
        group,
        (_, entries) -> {
          if (entries.first().atMs() <= nowMs) {
            taken[0] = entries.pollFirst().handle();
            size.decrementAndGet();
          }
          return entries.isEmpty() ? null : entries;
        });
    return Optional.ofNullable(taken[0]);
  }

  int size() {
    return size.get();
  }

  private void shortenLargest() {
    String largest = "";
    int most = 0;
    for (var group : groups.entrySet()) {
      // Read without its lock: an old figure chooses another group, no harm.
      int entries = group.getValue().size();
      if (entries > most) {
        largest = group.getKey();
        most = entries;
      }
    }
    groups.computeIfPresent(
        largest,
        (_, entries) -> {
          for (int i = 0; i < LOST_AT_ONCE && entries.size() > 1; i++) {
            entries.pollLast();
            size.decrementAndGet();
          }
          return entries;
        });
  }
}
