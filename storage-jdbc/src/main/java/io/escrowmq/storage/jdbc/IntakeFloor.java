package io.escrowmq.storage.jdbc;

import java.util.concurrent.TimeUnit;

/**
 * Below which transaction number no row can be left or come: every transaction below it had ended
 * when everything that could be seen was read, and what was read and is still there has higher
 * numbers. A number that proves wrong, as it may where rows are written by replication with the
 * numbers of another server, is mended by a look at everything once a minute.
 *
 * <p>One thread changes it, any may read it.
 */
final class IntakeFloor {

  private static final long MEND_NS = TimeUnit.MINUTES.toNanos(1);

  private volatile long number;
  private boolean backlog;
  private long mendedNs;

  IntakeFloor(long nowNs) {
    this.mendedNs = nowNs;
  }

  /** Rows of this transaction and later ones are to be looked at. */
  long number() {
    return number;
  }

  /** True if the last look did not reach the end. */
  boolean backlog() {
    return backlog;
  }

  /** The next look is at everything. */
  void forget() {
    number = 0;
  }

  /** Begins a look. */
  void look(long nowNs) {
    if (nowNs - mendedNs >= MEND_NS) {
      mendedNs = nowNs;
      number = 0;
    }
  }

  /**
   * A look has ended.
   *
   * @param horizon the lowest transaction that had not ended
   * @param least the lowest transaction of the rows that were seen
   * @param cut true if there may be more rows than were seen
   */
  void looked(long horizon, long least, boolean cut) {
    backlog = cut;
    if (!cut) {
      number = Math.min(horizon, least);
    }
  }
}
