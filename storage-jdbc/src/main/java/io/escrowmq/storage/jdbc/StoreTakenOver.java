package io.escrowmq.storage.jdbc;

import java.sql.SQLException;

/** The database is not as its owner left it: somebody else owns the store now. */
final class StoreTakenOver extends SQLException {

  private static final long serialVersionUID = 1L;

  StoreTakenOver(String what) {
    super(what + ": another server has taken the store over");
  }
}
