package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The heads of all queues, as committed. Written by the writer thread, read by everybody: the owner
 * of a store is the only one who changes heads, so its memory is right. About 150 bytes a queue.
 */
final class Heads {

  private final Map<QueueId, QueueHead> heads = new ConcurrentHashMap<>();
  private final ConcurrentNavigableMap<Integer, QueueId> names = new ConcurrentSkipListMap<>();

  @Nullable QueueHead find(QueueId queue) {
    return heads.get(queue);
  }

  QueueBounds bounds(QueueId queue) {
    QueueHead head = heads.get(queue);
    return head == null ? QueueBounds.EMPTY : new QueueBounds(head.min(), head.next());
  }

  /** The queue with this number. */
  Optional<QueueId> name(int id) {
    return Optional.ofNullable(names.get(id));
  }

  /** Queues that have begun, in the order of their numbers. */
  List<QueueId> begun(Optional<QueueId> after, int limit) {
    QueueHead last = after.map(heads::get).orElse(null);
    return names.tailMap(last == null ? 0 : last.id(), false).values().stream()
        .filter(queue -> bounds(queue).max() > 0)
        .limit(limit)
        .toList();
  }

  void publish(QueueId queue, QueueHead head) {
    names.put(head.id(), queue);
    heads.put(queue, head);
  }

  int size() {
    return heads.size();
  }
}
