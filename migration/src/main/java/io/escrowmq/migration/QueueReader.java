package io.escrowmq.migration;

import io.escrowmq.migration.MigrationException.Reason;
import io.escrowmq.spi.storage.Message;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/**
 * The messages of a source's queue, in order, one page ahead of its reader. Not thread-safe; pages
 * are pulled by other threads.
 */
final class QueueReader {

  /** By the store time of the next message; ties by queue, so that every run is the same. */
  static final Comparator<QueueReader> BY_TIME =
      Comparator.<QueueReader>comparingLong(reader -> reader.headTimeMs)
          .thenComparing(reader -> reader.queue.target());

  private final Pulls pulls;
  private final MigrationPlan.Queue queue;
  private final Queue<Message> loaded = new ArrayDeque<>();
  private CompletableFuture<SourceCluster.Page> ahead;
  private long next;
  private long headTimeMs;

  /**
   * How pages are pulled.
   *
   * @param atOnce limits pulls under way
   * @param pageBytes wished size of a page
   */
  record Pulls(SourceCluster source, Executor threads, Semaphore atOnce, int pageBytes) {

    CompletableFuture<SourceCluster.Page> begin(MigrationPlan.Queue queue, long offset) {
      return CompletableFuture.supplyAsync(
          () -> {
            atOnce.acquireUninterruptibly();
            try {
              return source.pull(queue.broker(), queue.source(), offset, pageBytes);
            } finally {
              atOnce.release();
            }
          },
          threads);
    }
  }

  QueueReader(Pulls pulls, MigrationPlan.Queue queue) {
    this.pulls = pulls;
    this.queue = queue;
    this.next = queue.from();
    this.ahead = pulls.begin(queue, next);
  }

  MigrationPlan.Queue queue() {
    return queue;
  }

  /** True if there is a next message; then it is loaded. */
  boolean hasNext() {
    if (loaded.isEmpty() && next < queue.end()) {
      load();
    }
    Message head = loaded.peek();
    if (head != null) {
      headTimeMs = head.storeTimeMs();
    }
    return head != null;
  }

  /** The next message, after {@link #hasNext()}. */
  Message next() {
    return loaded.remove();
  }

  private void load() {
    SourceCluster.Page page = await();
    for (Message message : page.messages()) {
      if (next < queue.end()) {
        if (message.queueOffset() != next) {
          throw gap("the message after that has offset " + message.queueOffset());
        }
        loaded.add(message);
        next++;
      }
    }
    if (loaded.isEmpty()) {
      throw gap("it has " + page.minOffset() + " to " + page.maxOffset() + " now");
    }
    if (next < queue.end()) {
      ahead = pulls.begin(queue, next);
    }
  }

  private SourceCluster.Page await() {
    try {
      return ahead.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private MigrationException gap(String what) {
    return new MigrationException(
        Reason.FAILED,
        "queue " + queue.source() + " gave no message at offset " + next + ": " + what,
        "If the source's retention removed it meanwhile, let the source keep messages longer"
            + " (fileReservedTime) and run again; a queue of which messages were copied before the"
            + " gap needs a new store. Else leave the topic out with --topics '!"
            + queue.source().topic()
            + "'.");
  }
}
