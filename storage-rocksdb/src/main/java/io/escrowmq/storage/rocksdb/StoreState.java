package io.escrowmq.storage.rocksdb;

import java.nio.ByteBuffer;

/** The store's counters, as one row. The committer's alone. */
final class StoreState {

  private static final int BYTES = 3 * Long.BYTES + 2 * Integer.BYTES;

  private final Database database;
  private final StoreClock clock;
  private long lastVersion;
  private long lastBucket;
  private int lastUid;
  private int lastRun;

  StoreState(Database database, StoreClock clock) {
    this.database = database;
    this.clock = clock;
    byte[] row = database.get(Family.STORE, Keys.state());
    if (row != null) {
      ByteBuffer fields = ByteBuffer.wrap(row);
      clock.advanceTo(fields.getLong());
      lastVersion = fields.getLong();
      lastBucket = fields.getLong();
      lastUid = fields.getInt();
      lastRun = fields.getInt();
    }
  }

  /** A row version that no row ever had. */
  long nextVersion() {
    return ++lastVersion;
  }

  /** The ordinal of a new bucket. */
  long nextBucket() {
    return ++lastBucket;
  }

  /** What stands for a new queue in keys. */
  int nextUid() {
    return ++lastUid;
  }

  /** A new run of positions. */
  int nextRun() {
    return ++lastRun;
  }

  /** Adds the row to a group. */
  void stage(BatchBuffer out) {
    byte[] row =
        ByteBuffer.allocate(BYTES)
            .putLong(clock.lastMs())
            .putLong(lastVersion)
            .putLong(lastBucket)
            .putInt(lastUid)
            .putInt(lastRun)
            .array();
    out.put(database.number(Family.STORE), Keys.state(), row);
  }
}
