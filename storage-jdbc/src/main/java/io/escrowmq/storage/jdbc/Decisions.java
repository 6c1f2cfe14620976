package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.HoldStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * How decided hold ids are stored, and for how long.
 *
 * @param retention after which a decision is forgotten
 */
record Decisions(Duration retention) {

  static final int RELEASED = 1;
  static final int DISCARDED = 2;

  /** The decision, or that there is none any more. */
  HoldStatus remembered(HoldStatus decision, long nowMs) {
    return nowMs - decision.decidedAtMs() > retention.toMillis() ? HoldStatus.UNKNOWN : decision;
  }

  /** The stored number of a decision. */
  static int codeOf(HoldStatus decision) {
    return decision.state() == HoldStatus.State.RELEASED ? RELEASED : DISCARDED;
  }

  /** Reads a row of {@code mq_decision}. */
  static HoldStatus read(ResultSet row) throws SQLException {
    return new HoldStatus(
        row.getInt("state") == RELEASED ? HoldStatus.State.RELEASED : HoldStatus.State.DISCARDED,
        row.getLong("queue_offset"),
        row.getLong("position"),
        row.getLong("decided_ms"));
  }
}
