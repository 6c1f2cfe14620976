package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Jobs that wait for the writer, bounded by their memory. Thread-safe; adding never blocks. */
final class Intake {

  private static final Duration RETRY_AFTER = Duration.ofMillis(20);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<Job> pending = new ArrayDeque<>();
  private final JdbcOptions options;
  private long pendingBytes;
  private boolean closed;

  Intake(JdbcOptions options) {
    this.options = options;
  }

  /**
   * Adds a job.
   *
   * @throws StorageException.Overloaded if too much waits already
   * @throws StorageException.Closed if the store was closed
   */
  void add(Job job) {
    lock.lock();
    try {
      if (closed) {
        throw new StorageException.Closed();
      }
      if (pendingBytes + job.bytes() > options.pendingBytes()) {
        throw new StorageException.Overloaded(
            "the database does not keep up: " + pendingBytes + " bytes wait for it", RETRY_AFTER);
      }
      pendingBytes += job.bytes();
      pending.add(job);
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next group: a chore alone, or as many batches as share a commit. Waits for the first.
   *
   * @return empty if nothing came in time, or if the intake is closed and drained
   */
  List<Job> take(long waitMs) {
    lock.lock();
    try {
      long leftNs = TimeUnit.MILLISECONDS.toNanos(waitMs);
      while (pending.isEmpty() && !closed && leftNs > 0) {
        leftNs = arrived.awaitNanos(leftNs);
      }
      return group();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  /** Removes the batches that were accepted before a time: the writer will not see them. */
  List<Job.Write> takeBack(long acceptedBeforeNs) {
    lock.lock();
    try {
      List<Job.Write> removed = new ArrayList<>();
      for (Iterator<Job> all = pending.iterator(); all.hasNext(); ) {
        if (all.next() instanceof Job.Write write) {
          if (write.acceptedNs() - acceptedBeforeNs >= 0) {
            break;
          }
          removed.add(write);
          pendingBytes -= write.bytes();
          all.remove();
        }
      }
      return removed;
    } finally {
      lock.unlock();
    }
  }

  /** Accepts nothing any more. True for the first caller only. */
  boolean close() {
    lock.lock();
    try {
      boolean first = !closed;
      closed = true;
      arrived.signal();
      return first;
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** True if no job waits and none will come. */
  boolean isDrained() {
    lock.lock();
    try {
      return closed && pending.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Message, key and value bytes that wait. */
  long pendingBytes() {
    lock.lock();
    try {
      return pendingBytes;
    } finally {
      lock.unlock();
    }
  }

  private List<Job> group() {
    List<Job> group = new ArrayList<>();
    long bytes = 0;
    int rows = 0;
    while (!pending.isEmpty()) {
      Job next = pending.getFirst();
      bytes += next.bytes();
      rows += next instanceof Job.Write write ? write.batch().mutations().size() : 0;
      boolean full = bytes > options.groupBytes() || rows > options.groupRows();
      boolean alone = next instanceof Job.Chore;
      if (!group.isEmpty() && (full || alone)) {
        break;
      }
      group.add(pending.removeFirst());
      pendingBytes -= next.bytes();
      if (alone) {
        break;
      }
    }
    return group;
  }
}
