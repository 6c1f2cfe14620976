package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.QueueId;

/**
 * One record of a frame, as the sequencer needs it: encoded by a writer or decoded by recovery.
 * Message bytes stay in the frame.
 */
public sealed interface Op {

  /** Offset of the record in its frame. */
  int recordAt();

  /**
   * Where a message is within its record.
   *
   * @param offset from the start of the record
   * @param size of the message
   */
  record Body(int offset, int size) {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Append}. */
  record Append(int recordAt, QueueId queue, Body body, IndexKeys keys) implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Hold}. */
  record Hold(
      int recordAt,
      HoldId id,
      QueueId queue,
      HoldKind kind,
      long wakeAtMs,
      Bytes attributes,
      Body body,
      IndexKeys keys)
      implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Release}. */
  record Release(int recordAt, HoldId id) implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Discard}. */
  record Discard(int recordAt, HoldId id) implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Reschedule}. */
  record Reschedule(int recordAt, HoldId id, HoldKind kind, long wakeAtMs, Bytes attributes)
      implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Put}. */
  record Put(int recordAt, String table, Bytes key, Bytes value) implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Delete}. */
  record Delete(int recordAt, String table, Bytes key) implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Trim}. */
  record Trim(int recordAt, QueueId queue, long newMinOffset) implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Restore.Begin}. */
  record Begin(int recordAt, QueueId queue, long firstOffset) implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Restore.Visible}. */
  record Restored(int recordAt, QueueId queue, Body body, IndexKeys keys, long storeTimeMs)
      implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Restore.Held}. */
  record RestoredHold(int recordAt, HoldEntry entry, Body body, IndexKeys keys) implements Op {}

  /** See {@link io.escrowmq.spi.storage.Mutation.Restore.Decided}. */
  record RestoredDecision(int recordAt, HoldId id, HoldStatus status) implements Op {}

  /** The cleaner's: the body of a live hold was copied here from an expiring segment. */
  record MoveHeld(int recordAt, long fromPosition, HoldId id, Body body) implements Op {}

  /** The cleaner's: the body of a visible message was copied here from an expiring segment. */
  record MoveVisible(int recordAt, long fromPosition, long queueUid, long queueOffset, Body body)
      implements Op {}
}
