package io.escrowmq.storage.commitlog.log;

import java.util.UUID;

/** The one random number of a store: what tells its files from those of another store. */
final class StoreRandomness {

  private StoreRandomness() {}

  /** A number that no other store has. */
  static long freshStoreId() {
    return UUID.randomUUID().getMostSignificantBits();
  }
}
