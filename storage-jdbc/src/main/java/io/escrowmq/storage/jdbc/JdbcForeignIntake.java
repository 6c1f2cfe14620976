package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.ForeignIntake;
import java.util.List;

/** Applications' rows in a database that has nothing to do with the store. */
final class JdbcForeignIntake extends JdbcIntakeTable implements ForeignIntake {

  private final Readers readers;

  JdbcForeignIntake(Readers readers, IntakeRows rows, IntakeBell bell) {
    super(rows, bell);
    this.readers = readers;
  }

  @Override
  public void remove(List<Long> ids) {
    rows.remove(ids);
  }

  @Override
  public void close() {
    super.close();
    readers.close();
  }
}
