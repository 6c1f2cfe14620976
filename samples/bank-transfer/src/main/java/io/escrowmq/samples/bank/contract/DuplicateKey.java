package io.escrowmq.samples.bank.contract;

import java.sql.SQLException;

/**
 * Recognizes the violation of a unique key, which both services use as their means of doing a thing
 * only once.
 */
public final class DuplicateKey {
  private static final String UNIQUE_VIOLATION = "23505";

  private DuplicateKey() {}

  /** Whether the statement failed because a row with this key exists already. */
  public static boolean isReportedBy(SQLException e) {
    return UNIQUE_VIOLATION.equals(e.getSQLState());
  }
}
