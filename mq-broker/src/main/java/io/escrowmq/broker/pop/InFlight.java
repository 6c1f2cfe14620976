package io.escrowmq.broker.pop;

import io.escrowmq.spi.protocol.Delivery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How far a group is in one queue, when it pops: everything below the cursor was looked at, and
 * what was handed out and is not acknowledged is in a lease. Knows which leases changed since they
 * were last written. No I/O, no clock; not thread-safe.
 */
final class InFlight {

  private long cursor;
  private final NavigableMap<Long, Lease> byOffset = new TreeMap<>();
  private final NavigableSet<Lease> byEnd = new TreeSet<>(Lease.BY_END);
  private final Map<LeaseId, Lease> byId = new HashMap<>();
  private final Set<LeaseId> changed = new HashSet<>();

  /** Begins at an offset with nothing handed out. */
  InFlight(long cursor) {
    this.cursor = cursor;
  }

  /** As it was written. */
  static InFlight restored(long cursor, List<Lease> leases) {
    InFlight restored = new InFlight(cursor);
    leases.forEach(restored::put);
    return restored;
  }

  /** A message that may be handed out again. */
  record Again(long offset, int attempt) {}

  /** The first offset never looked at. */
  long cursor() {
    return cursor;
  }

  /** Everything below this offset is done. */
  long committed() {
    return byOffset.isEmpty() ? cursor : Math.min(cursor, byOffset.firstKey());
  }

  /** Messages handed out and not acknowledged. */
  int size() {
    return byOffset.size();
  }

  /** Nothing below this offset needs to be looked at again. */
  void advance(long to) {
    cursor = Math.max(cursor, to);
  }

  /** True while an ordered request must wait: something is out, and not for this very request. */
  boolean blocks(String attemptId, long nowMs) {
    for (Lease lease : byEnd.descendingSet()) {
      if (lease.isOver(nowMs)) {
        return false;
      }
      if (attemptId.isEmpty() || !lease.attemptId().equals(attemptId)) {
        return true;
      }
    }
    return false;
  }

  /** Up to so many messages whose time is over, each with the number of its next attempt. */
  List<Again> due(long nowMs, int max) {
    List<Again> due = new ArrayList<>();
    for (Lease lease : byEnd) {
      if (!lease.isOver(nowMs) || due.size() >= max) {
        break;
      }
      for (Map.Entry<Long, Integer> entry : lease.attempts().entrySet()) {
        if (due.size() >= max) {
          break;
        }
        due.add(new Again(entry.getKey(), entry.getValue() + 1));
      }
    }
    return due;
  }

  /**
   * The first messages for an ordered request that is not blocked, in offset order: a message whose
   * time is over counts as another attempt, one that is out for this very request does not.
   */
  List<Again> inOrder(long nowMs, int max) {
    List<Again> next = new ArrayList<>();
    long lastOut = lastOut(nowMs);
    for (Map.Entry<Long, Lease> entry : byOffset.entrySet()) {
      if (next.size() >= max && entry.getKey() > lastOut) {
        break;
      }
      int attempt = attemptOf(entry.getKey(), entry.getValue());
      boolean over = entry.getValue().isOver(nowMs);
      next.add(new Again(entry.getKey(), over ? attempt + 1 : attempt));
    }
    return next;
  }

  private long lastOut(long nowMs) {
    long last = -1;
    for (Lease lease : byEnd.descendingSet()) {
      if (lease.isOver(nowMs)) {
        break;
      }
      last = Math.max(last, lease.attempts().lastKey());
    }
    return last;
  }

  /** True if there is a message whose time is not over. */
  boolean isAnyOut(long nowMs) {
    return !byEnd.isEmpty() && !byEnd.last().isOver(nowMs);
  }

  /** How many messages may be handed out again. */
  int dueCount(long nowMs) {
    int count = 0;
    for (Lease lease : byEnd) {
      if (!lease.isOver(nowMs)) {
        break;
      }
      count += lease.attempts().size();
    }
    return count;
  }

  /** When the next of those that are out now comes back. */
  OptionalLong nextEndAfter(long nowMs) {
    for (Lease lease : byEnd) {
      if (!lease.isOver(nowMs)) {
        return OptionalLong.of(lease.visibleAtMs());
      }
    }
    return OptionalLong.empty();
  }

  /** Hands messages out; what had them before has them no more. */
  void lease(Lease lease) {
    lease.attempts().keySet().forEach(this::remove);
    put(lease);
    changed.add(lease.id());
  }

  /** The consumer is done with a message. */
  Delivery.Outcome ack(long offset, LeaseId id) {
    Lease lease = byOffset.get(offset);
    if (lease == null) {
      return offset < cursor ? Delivery.Outcome.DONE : Delivery.Outcome.UNKNOWN;
    }
    if (!lease.id().equals(id)) {
      return Delivery.Outcome.STALE;
    }
    remove(offset);
    return Delivery.Outcome.DONE;
  }

  /** Another end for one message. A message that nobody has any more stays as it is. */
  Delivery.Outcome move(long offset, LeaseId id, LeaseId newId, long visibleAtMs) {
    Lease lease = byOffset.get(offset);
    if (lease == null) {
      return offset < cursor ? Delivery.Outcome.STALE : Delivery.Outcome.UNKNOWN;
    }
    if (!lease.id().equals(id)) {
      return Delivery.Outcome.STALE;
    }
    NavigableMap<Long, Integer> one = new TreeMap<>();
    one.put(offset, attemptOf(offset, lease));
    lease(new Lease(newId, visibleAtMs, "", one));
    return Delivery.Outcome.DONE;
  }

  /** Nobody gets this message again. */
  void remove(long offset) {
    Lease lease = byOffset.remove(offset);
    if (lease == null) {
      return;
    }
    lease.attempts().remove(offset);
    changed.add(lease.id());
    if (lease.attempts().isEmpty()) {
      byEnd.remove(lease);
      byId.remove(lease.id());
    }
  }

  /** How often a message that is out was handed out before; 0 if it is not out. */
  int attemptOf(long offset) {
    Lease lease = byOffset.get(offset);
    return lease == null ? 0 : attemptOf(offset, lease);
  }

  /** Forgets everything handed out and goes on at this offset. */
  void reset(long offset) {
    changed.addAll(byId.keySet());
    byOffset.clear();
    byEnd.clear();
    byId.clear();
    cursor = offset;
  }

  /** How many leases are to be written. */
  int changes() {
    return changed.size();
  }

  /** The leases that were changed since the last call, each with what it is now; null if over. */
  Map<LeaseId, @Nullable Lease> takeChanges() {
    Map<LeaseId, @Nullable Lease> taken = HashMap.newHashMap(changed.size());
    changed.forEach(id -> taken.put(id, byId.get(id)));
    changed.clear();
    return taken;
  }

  private void put(Lease lease) {
    byId.put(lease.id(), lease);
    byEnd.add(lease);
    lease.attempts().keySet().forEach(offset -> byOffset.put(offset, lease));
  }

  private static int attemptOf(long offset, Lease lease) {
    Integer attempt = lease.attempts().get(offset);
    return attempt == null ? 0 : attempt;
  }
}
