package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.ForeignIntake;
import io.escrowmq.spi.storage.IntakeFigures;
import io.escrowmq.spi.storage.IntakeRow;
import java.time.Duration;
import java.util.List;

/** Applications' rows in a database that has nothing to do with the store. */
final class JdbcForeignIntake implements ForeignIntake {

  private final Readers readers;
  private final IntakeRows rows;
  private final IntakeBell bell;

  JdbcForeignIntake(Readers readers, IntakeRows rows, IntakeBell bell) {
    this.readers = readers;
    this.rows = rows;
    this.bell = bell;
  }

  @Override
  public long check() {
    return rows.check();
  }

  @Override
  public List<IntakeRow> read(int maxRows, long maxBytes) {
    return rows.read(maxRows, maxBytes);
  }

  @Override
  public void reject(long id, String reason) {
    rows.reject(id, reason);
  }

  @Override
  public void remove(List<Long> ids) {
    rows.remove(ids);
  }

  @Override
  public void await(Duration atMost, boolean idle) {
    bell.await(atMost, idle);
  }

  @Override
  public IntakeFigures figures() {
    return rows.figures();
  }

  @Override
  public void close() {
    bell.close();
    readers.close();
  }
}
