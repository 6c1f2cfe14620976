package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.storage.commitlog.log.IndexKeys;
import java.util.Optional;

/** What one decided record changes in the views. */
public sealed interface Effect {

  /**
   * A message becomes visible.
   *
   * @param position its address
   */
  record Visible(
      QueueState queue, long offset, long position, BodyRef body, long storeTimeMs, IndexKeys keys)
      implements Effect {}

  /**
   * A new hold.
   *
   * @param forgotten an expired decision about the same id, to be removed
   */
  record Held(HoldId id, HoldRow row, Optional<Decision> forgotten) implements Effect {}

  /** A hold changes its wake-up, kind, attributes or the place of its body. */
  record Changed(HoldId id, HoldRow before, HoldRow after) implements Effect {}

  /** A hold becomes visible. */
  record Released(HoldId id, HoldRow row, Decision decision, Visible visible) implements Effect {}

  /** A hold is gone. */
  record Discarded(HoldId id, HoldRow row, Decision decision) implements Effect {}

  /** A row has a new value. */
  record RowPut(String table, Bytes key, long version, Bytes value) implements Effect {}

  /** A row is gone. */
  record RowDeleted(String table, Bytes key) implements Effect {}

  /** A queue begins later. */
  record Trimmed(QueueState queue, long newMinOffset) implements Effect {}

  /** A queue begins at this offset. */
  record Begun(QueueState queue, long firstOffset) implements Effect {}

  /**
   * A decision that was made elsewhere.
   *
   * @param forgotten an expired decision about the same id, to be removed
   */
  record Remembered(HoldId id, Decision decision, Optional<Decision> forgotten) implements Effect {}

  /** The body of a visible message is elsewhere. */
  record BodyMoved(QueueState queue, long offset, long fromPosition, BodyRef body)
      implements Effect {}
}
