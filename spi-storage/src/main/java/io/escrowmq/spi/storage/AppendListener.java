package io.escrowmq.spi.storage;

/** Hears that a queue has new visible messages. */
@FunctionalInterface
public interface AppendListener {

  /**
   * Messages below the offset are readable. Called on an engine thread, after the messages are
   * durable and readable; several appends may be reported by one call. Must not block or throw.
   */
  void appended(QueueId queue, long maxOffset);
}
