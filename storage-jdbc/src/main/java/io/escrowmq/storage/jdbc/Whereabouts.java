package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * In which bucket offsets of queues were found, so that whoever reads on from there asks one table
 * and not all. Positions rise with the offsets of a queue: nothing behind an offset is in an older
 * bucket. Forgets everything when it becomes too much. Thread-safe.
 */
final class Whereabouts {

  private static final int MOST_ENTRIES = 20_000;

  private final Buckets buckets;
  private final Map<QueueId, ConcurrentNavigableMap<Long, Integer>> found =
      new ConcurrentHashMap<>();
  private final AtomicInteger entries = new AtomicInteger();

  Whereabouts(Buckets buckets) {
    this.buckets = buckets;
  }

  /** The bucket that an offset is in, or that is the last one before it that is known of. */
  Optional<Bucket> of(QueueId queue, long offset) {
    List<Bucket> all = buckets.all();
    if (all.size() == 1) {
      return Optional.of(all.getFirst());
    }
    ConcurrentNavigableMap<Long, Integer> known = found.get(queue);
    Map.Entry<Long, Integer> entry = known == null ? null : known.floorEntry(offset);
    return entry == null
        ? Optional.empty()
        : all.stream().filter(bucket -> bucket.no() == entry.getValue()).findFirst();
  }

  /** An offset was found at a position. */
  void found(QueueId queue, long offset, long position) {
    Optional<Bucket> bucket = buckets.of(position);
    if (bucket.isEmpty()) {
      return;
    }
    int no = bucket.get().no();
    ConcurrentNavigableMap<Long, Integer> known =
        found.computeIfAbsent(queue, ignored -> new ConcurrentSkipListMap<>());
    Map.Entry<Long, Integer> entry = known.floorEntry(offset);
    if (entry != null && entry.getValue() == no) {
      return;
    }
    // Of a bucket, the smallest offset is enough.
    Map.Entry<Long, Integer> next = known.higherEntry(offset);
    if (next != null && next.getValue() == no) {
      known.remove(next.getKey());
      entries.decrementAndGet();
    }
    known.put(offset, no);
    if (entries.incrementAndGet() > MOST_ENTRIES) {
      entries.set(0);
      found.clear();
    }
  }
}
