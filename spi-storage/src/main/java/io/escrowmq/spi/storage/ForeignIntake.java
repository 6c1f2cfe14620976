package io.escrowmq.spi.storage;

import java.util.List;

/** An intake table in another database than the store's. */
public interface ForeignIntake extends IntakeTable {

  /** Removes rows whose messages the store has. Rows that are gone are no failure. */
  void remove(List<Long> ids);
}
