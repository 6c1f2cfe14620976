package io.escrowmq.inbox;

import java.sql.Connection;

/**
 * The effects of a message.
 *
 * @param <X> what it may throw beside runtime exceptions
 */
@FunctionalInterface
public interface Work<X extends Exception> {

  /**
   * Does the work, all of it on this connection. Neither commits nor rolls back.
   *
   * @throws X if the message is to be delivered again
   */
  void on(Connection connection) throws X;
}
