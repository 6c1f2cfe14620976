package io.escrowmq.crash;

/** Shuts clients down without waiting: each waits three seconds for a thread of its own. */
final class Shutdown {

  private Shutdown() {}

  static void start(Runnable shutdown) {
    Thread.ofVirtual().name("client-shutdown").start(shutdown);
  }
}
