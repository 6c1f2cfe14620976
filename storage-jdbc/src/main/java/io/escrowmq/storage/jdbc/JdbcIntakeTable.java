package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.IntakeFigures;
import io.escrowmq.spi.storage.IntakeRow;
import io.escrowmq.spi.storage.IntakeTable;
import java.time.Duration;
import java.util.List;

/** Applications' rows in a database, wherever their messages go. */
abstract sealed class JdbcIntakeTable implements IntakeTable
    permits JdbcForeignIntake, JdbcStoreIntake {

  final IntakeRows rows;
  private final IntakeBell bell;

  JdbcIntakeTable(IntakeRows rows, IntakeBell bell) {
    this.rows = rows;
    this.bell = bell;
  }

  @Override
  public final long check() {
    return rows.check();
  }

  @Override
  public final List<IntakeRow> read(int maxRows, long maxBytes) {
    return rows.read(maxRows, maxBytes);
  }

  @Override
  public final void reject(long id, String reason) {
    rows.reject(id, reason);
  }

  @Override
  public final void await(Duration atMost, boolean idle) {
    bell.await(atMost, idle);
  }

  @Override
  public final IntakeFigures figures() {
    return rows.figures();
  }

  @Override
  public void close() {
    bell.close();
  }
}
