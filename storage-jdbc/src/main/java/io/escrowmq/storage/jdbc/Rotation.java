package io.escrowmq.storage.jdbc;

import io.escrowmq.storage.jdbc.Overlay.IdState;
import io.escrowmq.storage.jdbc.Overlay.Visible;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which bucket takes the next messages. The one after it is made in good time; a group begins it by
 * going on at its first position, so that no group is in two buckets and an old bucket stays as it
 * is. If the next one cannot be made, the old one just goes on. Used by the writer thread only.
 */
final class Rotation {

  private static final Logger LOG = LoggerFactory.getLogger(Rotation.class);

  /** A bucket with less is not given up for its age: its messages are deleted one by one. */
  private static final long LEAST_MESSAGES = 2_000;

  private static final long RETRY_NS = 10_000_000_000L;

  private final Buckets buckets;
  private final BucketTables tables;
  private final BucketLimits limits;
  private final boolean allowed;
  private @Nullable Bucket active;
  private long activeBytes;
  private long oldestMs = -1;
  private long newestMs = -1;
  private @Nullable Long retryAtNs;
  private boolean complained;

  private Rotation(Buckets buckets, Connection connection, boolean allowed) {
    this.buckets = buckets;
    this.tables = new BucketTables(connection);
    this.limits = buckets.limits();
    this.allowed = allowed;
  }

  /** Finds out what buckets there are, and tells everybody. */
  static Rotation begin(Connection connection, Dialect dialect, Buckets buckets, long lastPosition)
      throws SQLException {
    BucketTables tables = new BucketTables(connection);
    boolean allowed = dialect.partitions() && tables.mayChange();
    buckets.publish(dialect.partitions() ? tables.read() : List.of(), allowed);
    // Whoever had the store meanwhile may have deleted something.
    buckets.deleted();
    Rotation rotation = new Rotation(buckets, connection, allowed);
    Optional<Bucket> active = buckets.of(lastPosition + 1);
    if (active.isPresent()) {
      rotation.look(connection, active.get());
    }
    return rotation;
  }

  private void look(Connection connection, Bucket bucket) throws SQLException {
    active = bucket;
    activeBytes = tables.bytes(bucket);
    oldestMs = storeMs(connection, bucket, "asc");
    newestMs = storeMs(connection, bucket, "desc");
  }

  private static long storeMs(Connection connection, Bucket bucket, String order)
      throws SQLException {
    String sql =
        "select store_ms from %s order by position %s fetch first 1 rows only"
            .formatted(bucket.messages(), order);
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      return row.next() ? row.getLong(1) : -1;
    }
  }

  /** Lets a group that is about to begin go on in the next bucket if this one has enough. */
  void turn(Counters counters) {
    Bucket current = active;
    if (current != null
        && reached(counters, 1)
        && buckets.of(current.end()).isPresent()
        && counters.lastPosition < current.end() - 1) {
      counters.lastPosition = current.end() - 1;
    }
  }

  /** Counts what a committed group brought. */
  void written(Overlay group) {
    for (Visible visible : group.visible) {
      Bucket current = active;
      if (current != null && !current.contains(visible.position())) {
        active = buckets.of(visible.position()).orElse(null);
        activeBytes = 0;
        oldestMs = -1;
      }
      activeBytes += bytes(group, visible);
      oldestMs = oldestMs < 0 ? visible.storeMs() : oldestMs;
      newestMs = visible.storeMs();
    }
  }

  private static long bytes(Overlay group, Visible visible) {
    if (visible.message() != null) {
      return visible.message().fields().sizeBytes();
    }
    IdState id = visible.hold() == null ? null : group.ids.get(visible.hold());
    return id == null || id.heldBefore == null ? 0 : id.heldBefore.sizeBytes();
  }

  /**
   * Makes the next bucket if it is time for that, in a transaction of its own.
   *
   * @throws SQLException if the connection was lost
   */
  void makeRoom(WriterSession session, long nowNs) throws SQLException {
    Bucket current = active;
    if (current == null
        || !allowed
        || !reached(session.counters(), 2)
        || buckets.of(current.end()).isPresent()
        || (retryAtNs != null && nowNs - retryAtNs < 0)) {
      return;
    }
    Bucket next = current.next();
    try {
      Counters counters = session.counters().copy();
      session.write(counters);
      tables.create(next);
      session.commit(counters);
    } catch (SQLException e) {
      if (SqlFailure.of(e) == SqlFailure.LOST) {
        throw e;
      }
      session.rollback();
      retryAtNs = nowNs + RETRY_NS;
      if (!complained) {
        complained = true;
        LOG.warn(
            "table {} cannot be made; messages go on in {} and this is tried again: {}",
            next.messages(),
            current.messages(),
            SqlFailure.firstLine(e));
      }
      return;
    }
    complained = false;
    retryAtNs = null;
    List<Bucket> all = new ArrayList<>(buckets.all());
    all.add(next);
    buckets.publish(all, true);
  }

  /** True if the active bucket has its share, or a part of it, of bytes, positions or time. */
  private boolean reached(Counters counters, int parts) {
    Bucket current = active;
    if (current == null) {
      return false;
    }
    long used = counters.lastPosition + 1 - current.first();
    return activeBytes >= limits.bytes(counters.visibleBytes) / parts
        || used >= (current.end() - current.first()) / 10 * 9 / parts
        || (used >= LEAST_MESSAGES && newestMs - oldestMs >= limits.spanMs() / parts);
  }
}
