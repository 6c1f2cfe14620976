package io.escrowmq.tx;

import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Storage;
import java.util.Optional;

/** Reads from the store what is known about a transaction. Blocks. Thread-safe. */
final class HoldReader {

  /** A hold cannot be decided and be held again, so a second look always settles it. */
  private static final int LOOKS = 3;

  private final Storage storage;

  HoldReader(Storage storage) {
    this.storage = storage;
  }

  Known read(Handle handle) {
    for (int look = 0; look < LOOKS; look++) {
      Optional<HeldMessage> held = storage.escrow().get(handle.holdId());
      if (held.isPresent()) {
        return ofHeld(held.get().entry());
      }
      HoldStatus status = storage.escrow().status(handle.holdId());
      switch (status.state()) {
        case RELEASED -> {
          return new Known.Committed(status.queueOffset(), status.position());
        }
        case DISCARDED -> {
          return ofDiscarded(handle);
        }
        case UNKNOWN -> {
          return new Known.Nothing();
        }
        case HELD -> {
          // Held between the two reads: look again.
        }
      }
    }
    throw new IllegalStateException(
        "the store says " + handle + " is held and does not give it: run its verification");
  }

  static Known ofHeld(HoldEntry entry) {
    Optional<HoldAttributes> attributes = HoldAttributes.decode(entry.attributes());
    if (attributes.isEmpty()) {
      return new Known.Nothing();
    }
    return attributes.get().decided().isPresent()
        ? new Known.Committed(-1, -1)
        : new Known.Open(entry.queue(), attributes.get());
  }

  /** A committed message that was recalled before its delivery time is gone, but was committed. */
  private Known ofDiscarded(Handle handle) {
    return storage
            .tables()
            .get(Decisions.DECIDED_TABLE, Decisions.rowKey(handle.holdId()))
            .isPresent()
        ? new Known.Committed(-1, -1)
        : new Known.RolledBack();
  }
}
