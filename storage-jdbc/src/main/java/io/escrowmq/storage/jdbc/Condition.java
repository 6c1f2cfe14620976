package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageHealth;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
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
  private volatile @Nullable StorageHealth hanging;
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
    if (closed) {
      return CLOSED;
    }
    StorageHealth known = health;
    StorageHealth seen = hanging;
    return seen == null || known.state() == StorageHealth.State.DOWN ? known : seen;
  }

  /** Why the database cannot be used, for whoever is refused. */
  String reason() {
    String reason = health().reason();
    return reason.isEmpty() ? "the database was away for a moment" : reason;
  }

  /** True while there is no point in queueing a write. */
  boolean isDown() {
    return health().state() == StorageHealth.State.DOWN;
  }

  /** The database was asked this long ago and is silent. */
  void hangs(Duration silence) {
    boolean news = hanging == null;
    hanging =
        new StorageHealth(
            StorageHealth.State.DOWN,
            "the database has not answered for " + silence.toMillis() + " ms",
            "Check what it is busy with (pg_stat_activity, its disk) and the network to it; the"
                + " engine goes on by itself when it answers.");
    if (news) {
      LOG.warn("{}; writes are refused until it does", health().reason());
    }
  }

  /** The database answered, or its connection was given up. */
  void answers() {
    if (hanging != null) {
      LOG.info("the database does not hang any more");
      hanging = null;
    }
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
    boolean news = health.state() != StorageHealth.State.DOWN;
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
