package io.escrowmq.spi.storage;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Held messages. Thread-safe. Reads may block for I/O. */
public interface Escrow {

  /** The held message with its body, or empty if the id is not held now. */
  Optional<HeldMessage> get(HoldId id);

  /** What is known about an id: held, decided (within the decision retention), or unknown. */
  HoldStatus status(HoldId id);

  /**
   * Holds of the kind whose wake-up time lies before the time, in the order (wake-up time, id),
   * beginning after the cursor.
   *
   * @param after the last entry of the previous page; empty for the first page
   * @param beforeMs exclusive, milliseconds since the epoch
   */
  List<HoldEntry> due(HoldKind kind, Optional<HoldEntry> after, long beforeMs, int limit);

  /** All holds of the kind in id order, beginning after the id. */
  List<HoldEntry> scan(HoldKind kind, Optional<HoldId> after, int limit);

  /**
   * Released and discarded holds that are still remembered, in id order, beginning after the id.
   *
   * @param after the last id of the previous page; empty for the first page
   */
  List<DecidedHold> decided(Optional<HoldId> after, int limit);

  /** Number of live holds by kind and target topic; pairs with no holds are absent. */
  Map<HoldGroup, Long> counts();

  /** What {@link #counts()} counts by. */
  record HoldGroup(HoldKind kind, String topic) {}
}
