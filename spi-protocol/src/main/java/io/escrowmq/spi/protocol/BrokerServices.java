package io.escrowmq.spi.protocol;

import io.escrowmq.spi.protocol.security.Authority;

/**
 * The door to the broker. Thread-safe.
 *
 * <p>Methods that return a stage never block: they may be called on an event loop; a stage
 * completes exceptionally with a {@link BrokerException}. All others may block for I/O and throw
 * {@link BrokerException}: call them on virtual threads.
 */
public interface BrokerServices {

  /** Who this broker is. */
  BrokerIdentity identity();

  /** Topics and routes. */
  TopicServices topics();

  /** Sending, giving back, replying, ending transactions. */
  SendServices sending();

  /** Pulling and queue locks. */
  ConsumeServices consuming();

  /** Clients, groups and their membership. */
  GroupServices groups();

  /** Consumer offsets, queue bounds and look-ups. */
  OffsetServices offsets();

  /** What operators see and do. */
  Operations operations();

  /** Who may do what. */
  Authority authority();
}
