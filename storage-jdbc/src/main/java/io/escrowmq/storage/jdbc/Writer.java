package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.storage.jdbc.WriterSession.Prepared;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that changes the store. Whatever waits when it comes round becomes one
 * transaction; batches that the database refuses are tried again alone, so that they do not take
 * their group with them. While the database is away it answers at once and keeps reconnecting.
 */
final class Writer implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
  private static final int MOST_ATTEMPTS = 5;
  private static final long IDLE_MS = 1_000;
  private static final long RECONNECT_MS = 250;

  private final Connections connections;
  private final Heads heads;
  private final TailCache tail;
  private final DueFloors floors;
  private final Intake intake;
  private final Receipts receipts;
  private final Condition condition;
  private final Watchdog watchdog;
  private final TimeSource time;
  private final Decisions decisions;
  private @Nullable WriterSession session;

  Writer(
      Connections connections,
      WriterSession session,
      Heads heads,
      Intake intake,
      Receipts receipts,
      World world) {
    this.connections = connections;
    this.session = session;
    this.heads = heads;
    this.intake = intake;
    this.receipts = receipts;
    this.condition = world.condition();
    this.watchdog = world.watchdog();
    this.tail = world.tail();
    this.floors = world.floors();
    this.time = world.time();
    this.decisions = world.decisions();
  }

  /**
   * What the writer needs of its store.
   *
   * @param condition where it reports how it is
   * @param watchdog who looks whether it hangs
   * @param tail where the newest messages are kept for readers
   * @param floors where looks for due holds begin
   * @param time the store's clock
   * @param decisions how long decided ids are remembered
   */
  record World(
      Condition condition,
      Watchdog watchdog,
      TailCache tail,
      DueFloors floors,
      TimeSource time,
      Decisions decisions) {}

  @Override
  public void run() {
    while (!intake.isDrained()) {
      // Before taking anything: what waits meanwhile can still be taken back.
      reconnect();
      List<Job> jobs = intake.take(session == null ? RECONNECT_MS : IDLE_MS);
      watchdog.begins(jobs);
      try {
        work(jobs);
      } catch (RuntimeException e) {
        LOG.error("the writer met a defect; the group is refused", e);
        lose(e);
        jobs.forEach(job -> job.fail(e));
      } finally {
        watchdog.ends();
      }
    }
    WriterSession last = session;
    if (last != null) {
      close(last);
    }
  }

  private void work(List<Job> jobs) {
    if (jobs.isEmpty()) {
      ask();
      return;
    }
    if (jobs.getFirst() instanceof Job.Chore chore) {
      chore(chore);
      return;
    }
    write(jobs.stream().map(Job.Write.class::cast).toList(), 1);
  }

  /** With nothing to write, finds out whether the database is there. */
  private void ask() {
    WriterSession open = session;
    if (open != null) {
      try {
        open.ask();
      } catch (SQLException e) {
        lose(e);
      }
    }
  }

  private void write(List<Job.Write> all, int attempt) {
    // Nobody waits for a batch that was answered in time; writing it now would only double it.
    List<Job.Write> group = all.stream().filter(job -> !job.isAnswered()).toList();
    WriterSession open = session;
    if (group.isEmpty()) {
      return;
    }
    if (open == null) {
      fail(group, SqlFailure.notWritten(condition.reason()));
      return;
    }
    Prepared prepared;
    try {
      prepared = open.prepare(group, time.nowMs(), decisions);
    } catch (SQLException e) {
      recover(group, e, attempt);
      return;
    }
    try {
      open.commit(prepared);
    } catch (SQLException e) {
      if (SqlFailure.of(e) == SqlFailure.RETRY) {
        recover(group, e, attempt);
      } else {
        findOut(prepared, open, e, attempt);
      }
      return;
    }
    finish(prepared);
  }

  /** A group is in the database: readers may see it, then callers hear of it. */
  private void finish(Prepared prepared) {
    Overlay committed = prepared.overlay();
    if (prepared.changes()) {
      tail.keep(committed);
      committed.ids.values().forEach(this::lowerFloor);
      committed.heads.forEach((queue, head) -> heads.publish(queue, head.after()));
    }
    condition.written(committed.counters);
    receipts.give(prepared);
  }

  private void lowerFloor(Overlay.IdState id) {
    HeldRow held = id.held;
    if (held != null) {
      floors.lower(held.kind(), held.wakeAtMs());
    }
  }

  /** The group was not committed: do it again, do it in parts, or give it back. */
  private void recover(List<Job.Write> group, SQLException failure, int attempt) {
    SqlFailure kind = SqlFailure.of(failure);
    if (kind != SqlFailure.LOST) {
      rollBack();
    }
    switch (kind) {
      case RETRY -> {
        if (attempt < MOST_ATTEMPTS) {
          write(group, attempt + 1);
        } else {
          fail(group, SqlFailure.notWritten(SqlFailure.firstLine(failure)));
        }
      }
      case LOST -> {
        lose(failure);
        if (attempt < MOST_ATTEMPTS && reconnect()) {
          write(group, attempt + 1);
        } else {
          fail(group, SqlFailure.notWritten(condition.reason()));
        }
      }
      case FULL -> {
        condition.full(SqlFailure.firstLine(failure));
        fail(
            group,
            new StorageException.Full(
                "the database has no room: " + SqlFailure.firstLine(failure), failure));
      }
      case REFUSED -> split(group, failure);
    }
  }

  private void split(List<Job.Write> group, SQLException failure) {
    if (group.size() > 1) {
      group.forEach(job -> write(List.of(job), 1));
      return;
    }
    LOG.warn("the database refused a batch: {}", SqlFailure.firstLine(failure));
    fail(
        group,
        new IllegalArgumentException(
            "the database refused the batch: " + SqlFailure.firstLine(failure), failure));
  }

  /** The connection was lost during the commit: the number of the last group tells. */
  private void findOut(Prepared prepared, WriterSession lost, SQLException failure, int attempt) {
    long group = prepared.overlay().counters.lastGroup;
    lose(failure);
    long begunNs = time.nanos();
    long patienceNs = TimeUnit.MILLISECONDS.toNanos(connections.options().inDoubtTimeoutMs());
    while (!reconnect() && time.nanos() - begunNs < patienceNs) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RECONNECT_MS));
    }
    WriterSession found = session;
    if (found == null || found.previous().epoch() != lost.epoch()) {
      fail(
          prepared.group(),
          SqlFailure.unavailable("the outcome of a commit is not known", failure));
    } else if (!prepared.changes() || found.previous().counters().lastGroup == group) {
      LOG.info("group {} was committed although its connection was lost", group);
      finish(prepared);
    } else if (attempt < MOST_ATTEMPTS) {
      LOG.info("group {} was not committed and is written again", group);
      write(prepared.group(), attempt + 1);
    } else {
      fail(prepared.group(), SqlFailure.notWritten(SqlFailure.firstLine(failure)));
    }
  }

  private void chore(Job.Chore chore) {
    WriterSession open = session;
    if (open == null) {
      chore.fail(SqlFailure.notWritten(condition.reason()));
      return;
    }
    try {
      boolean more = chore.work().run(open);
      condition.written(open.counters());
      chore.done().complete(more);
    } catch (SQLException e) {
      if (SqlFailure.of(e) == SqlFailure.LOST) {
        lose(e);
      } else {
        rollBack();
      }
      chore.fail(SqlFailure.unavailable("care of the store failed", e));
    }
  }

  /** True if there is a session. */
  private boolean reconnect() {
    if (session != null) {
      return true;
    }
    try {
      WriterSession opened = WriterSession.open(connections, heads);
      session = opened;
      condition.up(opened.promise());
      receipts.tell(opened.grown());
      return true;
    } catch (SQLException e) {
      condition.down(e);
      return false;
    }
  }

  private void lose(Exception reason) {
    WriterSession lost = session;
    session = null;
    tail.clear();
    floors.reset();
    condition.down(reason);
    if (lost != null) {
      close(lost);
    }
  }

  private void rollBack() {
    WriterSession open = session;
    if (open == null) {
      return;
    }
    try {
      open.rollback();
    } catch (SQLException e) {
      lose(e);
    }
  }

  private static void close(WriterSession session) {
    try {
      session.close();
    } catch (SQLException e) {
      LOG.debug("closing a connection failed, as it does when it is broken", e);
    }
  }

  private void fail(List<Job.Write> group, RuntimeException reason) {
    receipts.refuse(group, reason);
  }
}
