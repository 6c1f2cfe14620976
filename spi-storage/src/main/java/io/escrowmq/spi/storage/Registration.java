package io.escrowmq.spi.storage;

/** Undoes a registration. */
@FunctionalInterface
public interface Registration extends AutoCloseable {

  /**
   * After it returns the listener is not called again (a call under way may finish). Idempotent.
   */
  @Override
  void close();
}
