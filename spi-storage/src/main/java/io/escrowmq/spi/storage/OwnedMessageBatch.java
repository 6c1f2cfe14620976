package io.escrowmq.spi.storage;

import java.util.List;

/** Messages whose bytes the garbage collector owns. */
record OwnedMessageBatch(List<Message> messages, QueueBounds bounds) implements MessageBatch {

  @Override
  public void close() {
    // Nothing to free: the messages own their bytes.
  }
}
