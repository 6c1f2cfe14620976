package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageHealth;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the store is, as its writer last found it. Thread-safe. */
final class Condition {

  private static final Logger LOG = LoggerFactory.getLogger(Condition.class);
  private static final StorageHealth CLOSED =
      new StorageHealth(
          StorageHealth.State.DOWN, "the store is closed", "Open it again, or start the server.");

  private final StorageHealth whenUp;
  private volatile StorageHealth health;
  private volatile Counters counters;
  private volatile boolean closed;

  /**
   * A store that was just opened.
   *
   * @param warning something that the operator should change although the store works
   */
  Condition(Optional<String> warning, Counters counters) {
    this.whenUp =
        warning
            .map(text ->
                new StorageHealth(
                    StorageHealth.State.DEGRADED,
                    text,
                    "Change that setting of the database, or choose durability written."))
            .orElse(StorageHealth.UP);
    this.health = whenUp;
    this.counters = counters;
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
    if (!health.equals(whenUp)) {
      up();
    }
  }

  void up() {
    if (!health.equals(whenUp)) {
      LOG.info("the database is back; writing goes on");
    }
    health = whenUp;
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
