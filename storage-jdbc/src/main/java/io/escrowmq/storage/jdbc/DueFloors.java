package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.HoldKind;
import java.util.EnumMap;
import java.util.Map;

/**
 * Where the look for due holds of a kind may begin: before that time there are none. Without it the
 * database would walk over the index entries of all holds that were decided since it could last
 * clear them away. Thread-safe.
 */
final class DueFloors {

  private final Map<HoldKind, Floor> floors = new EnumMap<>(HoldKind.class);

  DueFloors() {
    for (HoldKind kind : HoldKind.values()) {
      floors.put(kind, new Floor());
    }
  }

  /** A committed hold wakes up at this time. To be told before the hold's receipt is given. */
  void lower(HoldKind kind, long wakeAtMs) {
    of(kind).lower(wakeAtMs);
  }

  /** Whatever was known may be wrong. */
  void reset() {
    floors.values().forEach(floor -> floor.lower(Long.MIN_VALUE));
  }

  Floor of(HoldKind kind) {
    Floor floor = floors.get(kind);
    if (floor == null) {
      throw new IllegalStateException("no floor for " + kind);
    }
    return floor;
  }

  /** The floor of one kind. */
  static final class Floor {
    private long knownMs = Long.MIN_VALUE;
    private long lowestSinceMs;
    private boolean looking;

    /** Begins a look into the database. */
    synchronized Look begin() {
      boolean raises = !looking;
      if (raises) {
        looking = true;
        lowestSinceMs = Long.MAX_VALUE;
      }
      return new Look(knownMs, raises);
    }

    /** Ends a look that found nothing before a time; {@link Long#MIN_VALUE} if it failed. */
    synchronized void end(Look look, long firstMs) {
      if (look.raises) {
        looking = false;
        knownMs = Math.max(knownMs, Math.min(firstMs, lowestSinceMs));
      }
    }

    private synchronized void lower(long wakeAtMs) {
      knownMs = Math.min(knownMs, wakeAtMs);
      lowestSinceMs = Math.min(lowestSinceMs, wakeAtMs);
    }
  }

  /**
   * A look into the database.
   *
   * @param fromMs where it may begin
   * @param raises whether its result counts: of several at a time, one does
   */
  record Look(long fromMs, boolean raises) {}
}
