package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The store as one group sees it: what was read from the database, and what the group's batches did
 * to it so far. {@link GroupWork} changes it, {@link Flush} writes the difference. Not thread-safe.
 */
final class Overlay {

  final Counters counters;
  final Map<QueueId, Head> heads = new LinkedHashMap<>();
  final Map<HoldId, IdState> ids = new LinkedHashMap<>();
  final Map<RowKey, RowState> rows = new LinkedHashMap<>();
  final List<Visible> visible = new ArrayList<>();
  private final Heads committed;

  Overlay(Counters counters, Heads committed) {
    this.counters = counters;
    this.committed = committed;
  }

  /** A row's address. */
  record RowKey(String table, Bytes key) {}

  /** A message that became visible: with its columns, or still in the hold's row. */
  record Visible(
      Head head,
      long offset,
      long position,
      long storeMs,
      @Nullable MessageRow message,
      @Nullable HoldId hold,
      String properties) {}

  /** A queue, as committed and as it will be. */
  static final class Head {
    final QueueId queue;
    final int id;
    final @Nullable QueueHead before;
    long min;
    long next;

    /** The offset that this group let the queue begin at, else 0: nothing lies below it. */
    private long first;

    private Head(QueueId queue, int id, @Nullable QueueHead before) {
      this.queue = queue;
      this.id = id;
      this.before = before;
      this.min = before == null ? 0 : before.min();
      this.next = before == null ? 0 : before.next();
    }

    QueueHead after() {
      return new QueueHead(id, min, next);
    }

    void begin(long firstOffset) {
      first = firstOffset;
      min = firstOffset;
      next = firstOffset;
    }

    long minBefore() {
      return before == null ? first : Math.max(before.min(), first);
    }

    long nextBefore() {
      return before == null ? 0 : before.next();
    }
  }

  /** What is known of a hold id, as read and as it will be. */
  static final class IdState {
    final @Nullable HeldRow heldBefore;
    final HoldStatus decisionBefore;
    @Nullable HeldRow held;
    HoldStatus decision;

    IdState(@Nullable HeldRow held, HoldStatus decision) {
      this.heldBefore = held;
      this.decisionBefore = decision;
      this.held = held;
      this.decision = decision;
    }
  }

  /** A table row as it will be; version 0 means absent. */
  static final class RowState {
    long version;
    @Nullable Bytes value;
    boolean changed;

    RowState(long version, @Nullable Bytes value) {
      this.version = version;
      this.value = value;
    }
  }

  /** The queue's head; a queue that nobody used yet gets a number. */
  Head head(QueueId queue) {
    Head head = heads.get(queue);
    if (head == null) {
      QueueHead before = committed.find(queue);
      head = new Head(queue, before == null ? ++counters.lastQueueId : before.id(), before);
      heads.put(queue, head);
    }
    return head;
  }

  /** The queue's head if it ever had a message or a hold. */
  @Nullable Head existingHead(QueueId queue) {
    return heads.containsKey(queue) || committed.find(queue) != null ? head(queue) : null;
  }

  /** A hold id, which the group read before its first batch. */
  IdState id(HoldId id) {
    IdState state = ids.get(id);
    if (state == null) {
      throw new IllegalStateException("hold " + id + " was not read");
    }
    return state;
  }

  /** A table row; one that nobody read is only ever overwritten. */
  RowState row(RowKey key) {
    return rows.computeIfAbsent(key, ignored -> new RowState(0, null));
  }
}
