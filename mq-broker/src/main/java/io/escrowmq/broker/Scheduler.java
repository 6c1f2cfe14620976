package io.escrowmq.broker;

import io.escrowmq.spi.storage.Registration;

/** Runs something later. Thread-safe. */
interface Scheduler {

  /**
   * Runs the task once after the delay, unless the registration is closed before. Tasks share one
   * thread: they must not block.
   *
   * @param delayMs milliseconds; 0 or less for as soon as possible
   */
  Registration after(long delayMs, Runnable task);
}
