package io.escrowmq.migration;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.copy.CopyListener;
import io.escrowmq.spi.storage.copy.CopyStep;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads the target back and compares it with what was pulled: messages that no earlier run has
 * compared, and every row. One run; not thread-safe.
 */
final class Verification {

  private static final ReadLimits PAGE = new ReadLimits(1024, 1 << 20);
  private static final int ROWS_PER_BATCH = 1000;

  private final TargetStore target;
  private final CopyListener listener;
  private final Chain chain = new Chain();
  private final Map<String, String> differences = new TreeMap<>();
  private long total;
  private long done;

  Verification(TargetStore target, CopyListener listener) {
    this.target = target;
    this.listener = listener;
  }

  /**
   * Compares, and remembers for later runs which messages are equal.
   *
   * @return by topic or table what differs, empty if nothing does
   */
  Map<String, String> run(Collection<QueueProgress> queues, List<Mutation.Put> rows) {
    total = queues.stream().mapToLong(it -> it.next() - it.comparedNext()).sum() + rows.size();
    listener.progress(CopyStep.COMPARISON, 0, total);
    List<Mutation> compared = new ArrayList<>();
    for (QueueProgress queue : queues) {
      if (isEqual(queue) && queue.next() > queue.comparedNext()) {
        compared.add(queue.compared().put());
      }
      if (compared.size() == ROWS_PER_BATCH) {
        target.write(compared);
        compared.clear();
      }
    }
    if (!compared.isEmpty()) {
      target.write(compared);
    }
    rows.forEach(this::compare);
    return differences;
  }

  private boolean isEqual(QueueProgress queue) {
    QueueId name = queue.target();
    QueueBounds bounds = target.storage().log().bounds(name);
    if (bounds.max() != queue.next() || bounds.min() != queue.first()) {
      differs(
          name,
          "holds offsets " + bounds + ", copied were " + queue.first() + " to " + queue.next());
      return false;
    }
    Bytes found = queue.comparedChain();
    long next = queue.comparedNext();
    while (next < queue.next()) {
      try (MessageBatch page = target.storage().log().read(name, next, PAGE)) {
        for (Message message : page.messages()) {
          if (message.queueOffset() != next) {
            differs(name, "has offset " + message.queueOffset() + " where " + next + " should be");
            return false;
          }
          found = chain.next(found, message);
          next++;
          listener.progress(CopyStep.COMPARISON, ++done, total);
        }
        if (page.messages().isEmpty()) {
          differs(name, "has nothing at offset " + next);
          return false;
        }
      }
    }
    if (!found.equals(queue.chain())) {
      differs(name, "has other messages than were pulled");
      return false;
    }
    return true;
  }

  private void differs(QueueId queue, String what) {
    differences.merge(
        queue.topic(), "queue " + queue.queue() + " " + what, (one, other) -> one + "; " + other);
  }

  private void compare(Mutation.Put row) {
    Optional<TableRow> found = target.storage().tables().get(row.table(), row.key());
    if (!found.map(TableRow::value).equals(Optional.of(row.value()))) {
      differences.merge(
          "table " + row.table(),
          row.key().asUtf8() + " is not as written",
          (one, other) -> one + "; " + other);
    }
    listener.progress(CopyStep.COMPARISON, ++done, total);
  }
}
