package io.escrowmq.migration;

import io.escrowmq.migration.MigrationException.Reason;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.spi.storage.copy.CopyListener;
import io.escrowmq.spi.storage.copy.CopyStep;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Copies messages in the order of their store time, across all queues, because a store's retention
 * relies on that. Every batch carries how far its queues are, and the next one is sent only when it
 * is written: whatever stops a run, the next one goes on where it was. One run; not thread-safe.
 */
final class MessageTransfer {

  private static final long READ_AHEAD_BYTES = 64L << 20;
  private static final int SMALLEST_PAGE_BYTES = 4 << 10;
  private static final int LARGEST_PAGE_BYTES = 256 << 10;
  private static final int PULLS_AT_ONCE = 32;
  private static final int BATCH_BYTES = 1 << 20;
  private static final int BATCH_MESSAGES = 1000;

  private final SourceCluster source;
  private final TargetStore target;
  private final CopyListener listener;
  private final Chain chain = new Chain();
  private final Map<QueueId, QueueProgress> progress;
  private TargetState state;
  private long copied;

  private final List<Mutation> batch = new ArrayList<>();
  private final Map<QueueId, QueueProgress> touched = new LinkedHashMap<>();
  private long batchBytes;
  private @Nullable Sent sent;

  private record Sent(List<Mutation> mutations, CompletableFuture<WriteReceipt> receipt) {}

  MessageTransfer(SourceCluster source, TargetStore target, CopyListener listener) {
    this.source = source;
    this.target = target;
    this.listener = listener;
    this.progress = new HashMap<>(target.progress());
    this.state = target.state().orElseThrow();
  }

  /** Copies what the queues lack; returns how many messages that were. */
  long run(List<MigrationPlan.Queue> queues) {
    begin(queues);
    List<MigrationPlan.Queue> lacking = queues.stream().filter(it -> it.messages() > 0).toList();
    long total = lacking.stream().mapToLong(MigrationPlan.Queue::messages).sum();
    listener.progress(CopyStep.MESSAGES, 0, total);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      int pageBytes =
          Math.clamp(
              READ_AHEAD_BYTES / 2 / Math.max(1, lacking.size()),
              SMALLEST_PAGE_BYTES,
              LARGEST_PAGE_BYTES);
      QueueReader.Pulls pulls =
          new QueueReader.Pulls(source, threads, new Semaphore(PULLS_AT_ONCE), pageBytes);
      List<QueueReader> readers =
          lacking.stream().map(queue -> new QueueReader(pulls, queue)).toList();
      merge(readers, total);
    }
    return copied;
  }

  /** Gives new queues their first offset. */
  private void begin(List<MigrationPlan.Queue> queues) {
    List<Mutation> first = new ArrayList<>();
    for (MigrationPlan.Queue queue : queues) {
      if (progress.containsKey(queue.target())) {
        continue;
      }
      QueueProgress begun = QueueProgress.begin(queue.target(), queue.source(), queue.from());
      progress.put(queue.target(), begun);
      if (queue.from() > 0) {
        first.add(new Mutation.Restore.Begin(queue.target(), queue.from()));
      }
      first.add(begun.put());
      if (first.size() >= BATCH_MESSAGES) {
        target.write(first);
        first.clear();
      }
    }
    if (!first.isEmpty()) {
      target.write(first);
    }
  }

  private void merge(List<QueueReader> readers, long total) {
    PriorityQueue<QueueReader> oldestFirst = new PriorityQueue<>(QueueReader.BY_TIME);
    for (QueueReader reader : readers) {
      if (reader.hasNext()) {
        oldestFirst.add(reader);
      }
    }
    while (!oldestFirst.isEmpty()) {
      QueueReader reader = oldestFirst.remove();
      add(reader.queue().target(), reader.next());
      listener.progress(CopyStep.MESSAGES, copied, total);
      if (reader.hasNext()) {
        oldestFirst.add(reader);
      }
    }
    send();
    awaitSent();
  }

  private void add(QueueId queue, Message message) {
    if (batchBytes + message.size() > BATCH_BYTES || batch.size() == BATCH_MESSAGES) {
      send();
    }
    long timeMs = Math.max(message.storeTimeMs(), state.lastTimeMs());
    state = state.copied(timeMs, state.restamped() + (timeMs == message.storeTimeMs() ? 0 : 1));
    ByteBuffer record = ByteBuffer.allocate(message.size());
    record.put(message.bytes()).flip();
    record.putInt(MessageFormat.QUEUE, queue.queue());
    Message.stamp(record, message.queueOffset(), 0, timeMs);
    QueueProgress before = progressOf(queue);
    Bytes after = chain.next(before.chain(), record);
    QueueProgress now =
        before.copied(message.queueOffset() + 1, before.bytes() + message.size(), after);
    progress.put(queue, now);
    touched.put(queue, now);
    batch.add(new Mutation.Restore.Visible(queue, Message.wrap(record)));
    batchBytes += message.size();
    copied++;
  }

  private QueueProgress progressOf(QueueId queue) {
    QueueProgress found = progress.get(queue);
    if (found == null) {
      throw new IllegalStateException(queue + " was not begun");
    }
    return found;
  }

  private void send() {
    if (batch.isEmpty()) {
      return;
    }
    awaitSent();
    touched.values().forEach(it -> batch.add(it.put()));
    batch.add(state.put());
    List<Mutation> mutations = List.copyOf(batch);
    sent = new Sent(mutations, target.send(mutations));
    batch.clear();
    touched.clear();
    batchBytes = 0;
  }

  private void awaitSent() {
    if (sent == null) {
      return;
    }
    WriteReceipt receipt = target.await(sent.receipt());
    for (int i = 0; i < sent.mutations().size(); i++) {
      Outcome outcome = receipt.outcome(i);
      boolean asWanted =
          outcome.result() == Outcome.Result.APPLIED
              && (!(sent.mutations().get(i) instanceof Mutation.Restore.Visible visible)
                  || outcome.queueOffset() == visible.message().queueOffset());
      if (!asWanted) {
        throw new MigrationException(
            Reason.FAILED,
            "the target answered " + outcome + " to " + sent.mutations().get(i),
            "Something else wrote to the target: migrate into a new store.");
      }
    }
    sent = null;
  }
}
