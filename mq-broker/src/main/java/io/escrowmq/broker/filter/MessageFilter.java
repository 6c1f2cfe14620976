package io.escrowmq.broker.filter;

import io.escrowmq.spi.storage.Message;

/** Which messages of a topic a group wants. Immutable and thread-safe. */
public sealed interface MessageFilter permits TagFilter, PropertyFilter {

  /** True if no message needs to be looked at. */
  boolean wantsAll();

  /** True if the group wants the message. Never fails and never blocks. */
  boolean matches(Message message);
}
