package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Set;

/** What a database's complaint means for the work that met it. */
enum SqlFailure {
  /** The transaction was rolled back in favour of another: do it again. */
  RETRY,
  /** The connection or the database is gone. */
  LOST,
  /** There is no room. */
  FULL,
  /** The database does not take this data. */
  REFUSED;

  private static final Set<String> RETRY_STATES =
      Set.of("40001", "40P01", "55P03", "57014", "HYT00");
  private static final Set<String> FULL_STATES = Set.of("53100", "53200");
  private static final Set<String> LOST_STATES =
      Set.of(
          "53300", "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "90067", "90098", "90121");

  // MariaDB says HY000 of much that matters, so its numbers count. PostgreSQL's driver has no
  // numbers, those of H2 have five digits.
  /** Record changed, lock wait timeout, deadlock. */
  private static final Set<Integer> RETRY_CODES = Set.of(1020, 1205, 1213);

  /** Write error, disk full, error while writing a file, table full. */
  private static final Set<Integer> FULL_CODES = Set.of(3, 1021, 1026, 1114);

  /**
   * Memory or connections used up, statement unknown (the connection was replaced on the way),
   * read-only (a standby, or the primary of yesterday), statement killed or out of time (a commit
   * too, with an outcome to be found out), connection killed.
   */
  private static final Set<Integer> LOST_CODES =
      Set.of(1037, 1041, 1203, 1243, 1290, 1317, 1927, 1969);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /** Classifies by the SQLSTATE of the failure or of one behind it. */
  static SqlFailure of(SQLException failure) {
    for (Throwable cause : failure) {
      if (cause instanceof SQLException one) {
        SqlFailure found = ofOne(one);
        if (found != REFUSED) {
          return found;
        }
      }
    }
    return REFUSED;
  }

  /** True if a row with the same key is there already. */
  static boolean isDuplicate(SQLException failure) {
    String state = failure.getSQLState();
    return state != null && state.startsWith("23");
  }

  private static SqlFailure ofOne(SQLException failure) {
    if (isOneOf(failure, RETRY_STATES, RETRY_CODES)) {
      return RETRY;
    }
    if (isOneOf(failure, FULL_STATES, FULL_CODES)) {
      return FULL;
    }
    return isConnection(failure) || isOneOf(failure, LOST_STATES, LOST_CODES) ? LOST : REFUSED;
  }

  private static boolean isOneOf(SQLException failure, Set<String> states, Set<Integer> codes) {
    return states.contains(state(failure)) || codes.contains(failure.getErrorCode());
  }

  private static boolean isConnection(SQLException failure) {
    return failure instanceof SQLNonTransientConnectionException
        || failure instanceof SQLTransientConnectionException
        || failure instanceof SQLRecoverableException
        || failure instanceof StoreTakenOver
        || state(failure).startsWith("08");
  }

  private static String state(SQLException failure) {
    return failure.getSQLState() == null ? "" : failure.getSQLState();
  }

  /** What a write is told that certainly did not happen. */
  static StorageException.Overloaded notWritten(String why) {
    return new StorageException.Overloaded("nothing was written: " + why, RETRY_AFTER);
  }

  /** What a write is told that the database was given and did not answer. */
  static StorageException.Unavailable unanswered(Duration waited) {
    return new StorageException.Unavailable(
        StorageException.Kind.RETRIABLE,
        "the database did not answer within "
            + waited.toMillis()
            + " ms: whether this was written is not known",
        "Check what the database is busy with (pg_stat_activity, its disk); the engine goes on by"
            + " itself.");
  }

  /** What a read is told, and a write whose outcome nobody knows. */
  static StorageException.Unavailable unavailable(String what, Throwable cause) {
    return new StorageException.Unavailable(
        StorageException.Kind.RETRIABLE,
        what + ": " + firstLine(cause),
        "Check that the database is up and reachable with the configured URL; the engine reconnects"
            + " by itself.",
        cause);
  }

  /** The message of a failure without its details. */
  static String firstLine(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
