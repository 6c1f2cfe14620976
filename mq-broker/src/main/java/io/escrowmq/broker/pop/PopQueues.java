package io.escrowmq.broker.pop;

import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The queues that groups pop from, as many as were asked for since the start: a few hundred bytes
 * each beside what is handed out. Thread-safe.
 */
final class PopQueues {

  private static final int ROWS_PER_BATCH = 1_000;

  private record Key(String group, QueueId queue) {}

  private final PopQueue.Parts parts;
  private final Map<Key, PopQueue> queues = new ConcurrentHashMap<>();

  PopQueues(PopQueue.Parts parts) {
    this.parts = parts;
  }

  PopQueue of(String group, QueueId queue) {
    return queues.computeIfAbsent(new Key(group, queue), _ -> new PopQueue(group, queue, parts));
  }

  /** See {@link Popping#moved}. */
  void moved(String group, QueueId queue, long offset) {
    if (!queues.isEmpty()) {
      PopQueue known = queues.get(new Key(group, queue));
      if (known != null) {
        known.moved(offset);
      }
    }
  }

  /** See {@link Popping#forgotten}. */
  void forgotten(String group) {
    List<CompletableFuture<Boolean>> unloaded = new ArrayList<>();
    queues.forEach((key, queue) -> {
      if (key.group().equals(group)) {
        unloaded.add(queue.forget().toCompletableFuture());
      }
    });
    CompletableFuture.allOf(unloaded.toArray(CompletableFuture[]::new)).join();
    Storage storage = parts.environment().storage();
    List<Mutation> deletions = PopRows.deletionsOf(storage.tables(), group);
    for (int from = 0; from < deletions.size(); from += ROWS_PER_BATCH) {
      int to = Math.min(deletions.size(), from + ROWS_PER_BATCH);
      storage
          .write(new WriteBatch(deletions.subList(from, to), Optional.empty()))
          .toCompletableFuture()
          .join();
    }
  }
}
