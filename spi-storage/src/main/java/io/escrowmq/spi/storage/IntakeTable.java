package io.escrowmq.spi.storage;

import java.time.Duration;
import java.util.List;

/**
 * A table of a relational database in which applications leave messages within their own
 * transactions. Whoever moves them removes them: there is no highest id to remember, because a row
 * with a lower id may be committed later.
 *
 * <p>Blocking. Used by one thread at a time, the counts excepted, which any may ask for. Methods
 * throw {@link StorageException.Unavailable}: retriable if the database does not answer, fatal if
 * an administrator has to do something, which the remedy says.
 */
public interface IntakeTable extends AutoCloseable {

  /**
   * Checks that the table is there, that its version is known, that it may be read and that no
   * other store moves its rows.
   *
   * @return a number that was drawn when the table was made, part of its messages' unique keys
   */
  long check();

  /**
   * Committed rows in the order of their ids.
   *
   * @param maxBytes of bodies; one row is given whatever its size
   */
  List<IntakeRow> read(int maxRows, long maxBytes);

  /** Puts a row aside that can never be sent, with the reason. Nothing happens if it is gone. */
  void reject(long id, String reason);

  /**
   * Waits until rows may have come, without promise: the caller reads again in any case.
   *
   * @param idle true if nothing came for a while: applications are asked to call then, if the
   *     database can pass calls on
   */
  void await(Duration atMost, boolean idle);

  /** Counts. */
  IntakeFigures figures();

  @Override
  void close();
}
