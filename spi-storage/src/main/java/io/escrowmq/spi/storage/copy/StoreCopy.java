package io.escrowmq.spi.storage.copy;

import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Fills an empty store with everything of another. Offsets, store times, holds with their first
 * time, decisions and rows are as they were; positions and row versions are new. Nothing else may
 * write to either store meanwhile. One run; not thread-safe; blocks.
 *
 * <p>Messages are written in the order of their store time, across all queues, so that retention
 * meets the oldest first. That costs memory: all queues together {@link #READ_AHEAD_BYTES}, but at
 * least one message of each.
 */
public final class StoreCopy {

  /** Messages read ahead. */
  static final long READ_AHEAD_BYTES = 64L << 20;

  private static final long LARGEST_PAGE_BYTES = 1L << 20;
  private static final long SMALLEST_PAGE_BYTES = 512;
  private static final int PAGE_MESSAGES = 1024;

  /** About what a mutation takes besides messages, keys and values. */
  private static final int MUTATION_BYTES = 64;

  private final Storage source;
  private final Storage target;
  private final CopyListener listener;
  private final RestoreWriter writer;
  private long messages;
  private long messageBytes;
  private long holds;
  private long decisions;
  private long rows;

  public StoreCopy(Storage source, Storage target, CopyListener listener) {
    this.source = source;
    this.target = target;
    this.listener = listener;
    this.writer = new RestoreWriter(target);
  }

  /** True if a store holds nothing at all. */
  public static boolean isEmpty(Storage storage) {
    return !Pages.queues(storage).hasNext()
        && storage.escrow().counts().isEmpty()
        && !Pages.decisions(storage).hasNext()
        && storage.tables().names().isEmpty();
  }

  /**
   * Marks the target (see {@link CopyMark}) and copies. The mark stays: remove it when the copy was
   * compared.
   *
   * @param whatIsCopied a word for the source, for whoever finds an unfinished copy
   * @throws CopyFailure if the target is not empty, or does not take what it is given
   */
  public CopyFigures run(String whatIsCopied) {
    if (!isEmpty(target)) {
      throw new CopyFailure(
          "the target is not empty", "Copy into a new directory, or an empty database schema.");
    }
    CopyMark.set(target, whatIsCopied);
    List<QueueCursor> queues = begin();
    copyMessages(queues);
    copyHolds();
    copyDecisions();
    copyRows();
    target.maintenance().checkpoint();
    return new CopyFigures(queues.size(), messages, messageBytes, holds, decisions, rows);
  }

  /** Gives each queue its first offset. */
  private List<QueueCursor> begin() {
    List<QueueId> names = new ArrayList<>();
    Pages.queues(source).forEachRemaining(names::add);
    ReadLimits page = pageFor(names.size());
    List<QueueCursor> queues = new ArrayList<>(names.size());
    for (QueueId name : names) {
      QueueBounds bounds = source.log().bounds(name);
      if (bounds.min() > 0) {
        writer.add(new Mutation.Restore.Begin(name, bounds.min()), MUTATION_BYTES);
      }
      queues.add(new QueueCursor(source.log(), name, bounds, page));
    }
    writer.finish();
    return queues;
  }

  private static ReadLimits pageFor(int queues) {
    long bytes = READ_AHEAD_BYTES / Math.max(queues, 1);
    return new ReadLimits(
        PAGE_MESSAGES, (int) Math.clamp(bytes, SMALLEST_PAGE_BYTES, LARGEST_PAGE_BYTES));
  }

  private void copyMessages(List<QueueCursor> queues) {
    long total = totalMessages(source);
    listener.progress(CopyStep.MESSAGES, 0, total);
    PriorityQueue<QueueCursor> oldestFirst = new PriorityQueue<>(QueueCursor.BY_TIME);
    for (QueueCursor queue : queues) {
      if (queue.hasNext()) {
        oldestFirst.add(queue);
      }
    }
    while (!oldestFirst.isEmpty()) {
      QueueCursor queue = oldestFirst.remove();
      Message message = queue.next();
      writer.add(new Mutation.Restore.Visible(queue.queue(), message), message.size());
      messages++;
      messageBytes += message.size();
      listener.progress(CopyStep.MESSAGES, messages, total);
      if (queue.hasNext()) {
        oldestFirst.add(queue);
      }
    }
    writer.finish();
  }

  private void copyHolds() {
    long total = totalHolds(source);
    for (HoldKind kind : HoldKind.values()) {
      Iterator<HoldEntry> entries = Pages.holds(source, kind);
      while (entries.hasNext()) {
        HeldMessage held = held(source, entries.next());
        writer.add(
            new Mutation.Restore.Held(held.entry(), held.message()),
            held.message().size() + MUTATION_BYTES);
        listener.progress(CopyStep.HOLDS, ++holds, total);
      }
    }
    writer.finish();
  }

  private void copyDecisions() {
    Iterator<DecidedHold> decided = Pages.decisions(source);
    while (decided.hasNext()) {
      DecidedHold next = decided.next();
      writer.add(
          new Mutation.Restore.Decided(next.id(), withoutPosition(next.status())), MUTATION_BYTES);
      listener.progress(CopyStep.DECISIONS, ++decisions, CopyListener.UNKNOWN);
    }
    writer.finish();
  }

  private void copyRows() {
    for (String table : source.tables().names()) {
      Iterator<TableRow> from = Pages.rows(source, table);
      while (from.hasNext() && !table.equals(CopyMark.TABLE)) {
        TableRow row = from.next();
        writer.add(
            new Mutation.Put(table, row.key(), row.value()),
            row.key().size() + row.value().size() + MUTATION_BYTES);
        listener.progress(CopyStep.ROWS, ++rows, CopyListener.UNKNOWN);
      }
    }
    writer.finish();
  }

  /** Positions belong to a store. */
  static HoldStatus withoutPosition(HoldStatus status) {
    return new HoldStatus(status.state(), status.queueOffset(), -1, status.decidedAtMs());
  }

  static HeldMessage held(Storage storage, HoldEntry entry) {
    return storage
        .escrow()
        .get(entry.id())
        .orElseThrow(() ->
            new CopyFailure(
                "hold " + entry.id() + " has no message any more",
                "Stop whatever writes to the store, and copy into a new target."));
  }

  static long totalMessages(Storage storage) {
    long total = 0;
    Iterator<QueueId> queues = Pages.queues(storage);
    while (queues.hasNext()) {
      total += storage.log().bounds(queues.next()).size();
    }
    return total;
  }

  static long totalHolds(Storage storage) {
    return storage.escrow().counts().values().stream().mapToLong(Long::longValue).sum();
  }
}
