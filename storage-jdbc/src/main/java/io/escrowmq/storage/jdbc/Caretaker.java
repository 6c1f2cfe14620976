package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.TimeSource;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the retention: whole buckets first, then single messages, then what is left of them. Looks
 * at buckets on the caller's thread, so that the writer only has to drop them. Thread-safe.
 */
final class Caretaker {

  private static final Logger LOG = LoggerFactory.getLogger(Caretaker.class);

  private static final String WHO =
      "select a.pid, coalesce(a.usename, ''), a.application_name, coalesce(a.state, ''),"
          + " a.xact_start from pg_locks l join pg_stat_activity a on a.pid = l.pid where l.granted"
          + " and l.locktype = 'relation' and l.relation in ('mq_message'::regclass,"
          + " 'mq_message_key'::regclass, ?::regclass, ?::regclass)"
          + " and a.application_name <> 'escrowmq-writer'"
          + " order by a.xact_start fetch first 1 rows only";

  private final ReentrantLock turn = new ReentrantLock();
  private final Readers readers;
  private final Chores chores;
  private final Buckets buckets;
  private final Retention retention;
  private final Condition condition;
  private final TimeSource time;
  private @Nullable BucketSummary counted;
  private @Nullable Bucket complainedOf;

  Caretaker(
      Readers readers,
      Chores chores,
      Buckets buckets,
      Retention retention,
      Condition condition,
      TimeSource time) {
    this.readers = readers;
    this.chores = chores;
    this.buckets = buckets;
    this.retention = retention;
    this.condition = condition;
    this.time = time;
  }

  /** Forgets what may be forgotten now; another caller's turn is waited for. */
  void retain() {
    turn.lock();
    try {
      boolean more = true;
      while (more) {
        more = dropOldest();
      }
      more = true;
      while (more) {
        more = chores.run(retention::messages);
      }
      chores.run(retention::leftovers);
    } finally {
      turn.unlock();
    }
  }

  /** Drops the oldest bucket if it may go; true if the next one is worth a look. */
  private boolean dropOldest() {
    Counters counters = condition.counters();
    Optional<Bucket> oldest = buckets.oldestSealed(counters.lastPosition);
    if (oldest.isEmpty() || !buckets.changeable() || !mayGo(oldest.get(), counters)) {
      return false;
    }
    BucketSummary summary = count(oldest.get());
    Retention.Drop[] outcome = {new Retention.Drop.Stale()};
    chores.run(session -> {
      outcome[0] = retention.drop(session, summary);
      return false;
    });
    if (outcome[0] instanceof Retention.Drop.Refused(SQLException reason)) {
      complain(summary.bucket(), reason);
      return false;
    }
    return true;
  }

  private boolean mayGo(Bucket bucket, Counters counters) {
    RetentionPolicy policy = buckets.limits().policy();
    long nowMs = Math.max(counters.storeMs, time.nowMs());
    Optional<Long> newestMs =
        readers
            .list(
                "select store_ms from %s order by position desc fetch first 1 rows only"
                    .formatted(bucket.messages()),
                statement -> {},
                row -> row.getLong(1))
            .stream()
            .findFirst();
    return newestMs.isEmpty()
        || nowMs - newestMs.get() > policy.maxAge().toMillis()
        || (counters.visibleBytes > policy.maxBytes()
            && counters.visibleBytes - count(bucket).bytes() >= policy.maxBytes());
  }

  private BucketSummary count(Bucket bucket) {
    BucketSummary known = counted;
    long deletions = buckets.deletions();
    if (known == null || !known.bucket().equals(bucket) || known.deletions() != deletions) {
      known = BucketSummary.read(readers, bucket, deletions);
      counted = known;
    }
    return known;
  }

  /** Says once for each bucket what is in its way. */
  private void complain(Bucket bucket, SQLException reason) {
    if (bucket.equals(complainedOf)) {
      return;
    }
    complainedOf = bucket;
    if (SqlFailure.of(reason) != SqlFailure.RETRY) {
      LOG.warn(
          "table {} is past the retention but cannot be dropped: {}. Remove what is in the way;"
              + " this is tried again at every run of the retention, and messages that wait too"
              + " long are deleted one by one",
          bucket.messages(),
          SqlFailure.firstLine(reason));
      return;
    }
    String who =
        readers
            .list(
                WHO,
                statement -> {
                  statement.setString(1, bucket.messages());
                  statement.setString(2, bucket.keys());
                },
                row ->
                    "session %s of user %s (%s, %s, in a transaction since %s)"
                        .formatted(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            row.getString(5)))
            .stream()
            .findFirst()
            .orElse("a session that has ended meanwhile");
    LOG.warn(
        "table {} is past the retention but cannot be dropped while it is in use by {}; this is"
            + " tried again at every run of the retention. End a session that stays in a"
            + " transaction: select pg_terminate_backend(pid)",
        bucket.messages(),
        who);
  }
}
