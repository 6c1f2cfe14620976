package io.escrowmq.broker;

import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which client of a group may consume a queue in order. A lock is a lease, kept in memory: after a
 * restart clients take their queues again within one renewal. Thread-safe.
 */
final class QueueLocks {

  private record Lease(String clientId, long expiresAtNanos) {}

  private final TimeSource time;
  private final long leaseNanos;
  private final Map<String, Map<QueueId, Lease>> groups = new HashMap<>();

  QueueLocks(TimeSource time, Duration lease) {
    this.time = time;
    this.leaseNanos = lease.toNanos();
  }

  synchronized Set<QueueId> lock(String group, String clientId, Collection<QueueId> queues) {
    long now = time.nanos();
    Map<QueueId, Lease> leases = groups.computeIfAbsent(group, _ -> new HashMap<>());
    Set<QueueId> locked = new TreeSet<>();
    for (QueueId queue : queues) {
      Lease lease = leases.get(queue);
      if (lease == null || lease.clientId().equals(clientId) || lease.expiresAtNanos() - now <= 0) {
        leases.put(queue, new Lease(clientId, now + leaseNanos));
        locked.add(queue);
      }
    }
    return locked;
  }

  synchronized void unlock(String group, String clientId, Collection<QueueId> queues) {
    Map<QueueId, Lease> leases = groups.get(group);
    if (leases == null) {
      return;
    }
    for (QueueId queue : queues) {
      Lease lease = leases.get(queue);
      if (lease != null && lease.clientId().equals(clientId)) {
        leases.remove(queue);
      }
    }
    if (leases.isEmpty()) {
      groups.remove(group);
    }
  }

  /** Forgets leases that ran out. */
  synchronized void expire() {
    long now = time.nanos();
    groups
        .values()
        .forEach(leases -> leases.values().removeIf(it -> it.expiresAtNanos() - now <= 0));
    groups.values().removeIf(Map::isEmpty);
  }

  /** Number of leases, those that ran out since the last {@link #expire} included. */
  synchronized long count() {
    return groups.values().stream().mapToLong(Map::size).sum();
  }
}
