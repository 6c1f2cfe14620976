package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageHealth;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the store is, as its writer last found it. Thread-safe. */
final class Condition {

  private static final Logger LOG = LoggerFactory.getLogger(Condition.class);
  private static final StorageHealth CLOSED =
      new StorageHealth(
          StorageHealth.State.DOWN, "the store is closed", "Open it again, or start the server.");

  private volatile Promise promise;
  private volatile StorageHealth health;
  private volatile Counters counters;
  private volatile boolean closed;

  /** A store that was just opened. */
  Condition(Promise promise, Counters counters) {
    this.promise = promise;
    this.health = whenUp(promise);
    this.counters = counters;
  }

  private static StorageHealth whenUp(Promise promise) {
    return promise
        .warning()
        .map(text ->
            new StorageHealth(
                StorageHealth.State.DEGRADED,
                text,
                "Change that setting of the database, or choose durability written."))
        .orElse(StorageHealth.UP);
  }

  /** What the database keeps, as it said when the writer last connected. */
  Promise promise() {
    return promise;
  }

  StorageHealth health() {
    return closed ? CLOSED : health;
  }

  /** Why the database cannot be used, for whoever is refused. */
  String reason() {
    return health.reason().isEmpty() ? "the database was away for a moment" : health.reason();
  }

  /** True while there is no point in queueing a write. */
  boolean isDown() {
    return health.state() == StorageHealth.State.DOWN;
  }

  /** As of the last commit; the caller must not change it. */
  Counters counters() {
    return counters;
  }

  void written(Counters committed) {
    counters = committed;
    if (!health.writable()) {
      up(promise);
    }
  }

  /** The writer is connected to a database that promises this. */
  void up(Promise found) {
    if (!health.writable()) {
      LOG.info("the database is back; writing goes on");
    }
    promise = found;
    health = whenUp(found);
  }

  void down(Exception reason) {
    boolean news = !isDown();
    health =
        new StorageHealth(
            StorageHealth.State.DOWN,
            "the database cannot be used: " + SqlFailure.firstLine(reason),
            "Check that it is up and reachable with the configured URL; the engine reconnects by"
                + " itself.");
    if (news) {
      LOG.warn("{}", health.reason());
    }
  }

  void full(String reason) {
    health =
        new StorageHealth(
            StorageHealth.State.FULL,
            "the database has no room: " + reason,
            "Give it room, or shorten the retention; writing resumes by itself.");
    LOG.warn("{}", health.reason());
  }

  void close() {
    closed = true;
  }
}
