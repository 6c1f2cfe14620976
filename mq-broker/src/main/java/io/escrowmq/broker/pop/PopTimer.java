package io.escrowmq.broker.pop;

import io.escrowmq.spi.storage.Registration;

/** Runs something later. Thread-safe. */
@FunctionalInterface
public interface PopTimer {

  /**
   * Runs the task once after the delay, unless the registration is closed before. The task must not
   * block.
   *
   * @param delayMs milliseconds
   */
  Registration after(long delayMs, Runnable task);
}
