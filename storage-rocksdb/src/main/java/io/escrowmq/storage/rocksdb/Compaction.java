package io.escrowmq.storage.rocksdb;

import java.util.List;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds come and go at the front of their indexes, where every scan begins: what was deleted there
 * would slow all of them down until the library compacts by itself, which it does by size only.
 */
final class Compaction {

  private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);
  private static final long MOST_DELETIONS = 50_000;
  private static final List<Family> ORDERED = List.of(Family.DUE, Family.KINDS, Family.DECIDED_AT);

  private final Database database;
  private final Holds holds;

  Compaction(Database database, Holds holds) {
    this.database = database;
    this.holds = holds;
  }

  /** Compacts the ordered families of holds if enough was deleted there. */
  void runIfDue() {
    if (holds.deletions() < MOST_DELETIONS) {
      return;
    }
    holds.takeDeletions();
    try {
      for (Family family : ORDERED) {
        database.compact(family);
      }
    } catch (RocksDBException e) {
      LOG.warn("compacting the indexes of holds failed, it will be tried again", e);
    }
  }
}
