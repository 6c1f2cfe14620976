package io.escrowmq.spi.storage;

/** Where time comes from. Thread-safe. */
public interface TimeSource {

  /** Wall clock, milliseconds since the epoch. May step. */
  long nowMs();

  /** Monotonic clock, nanoseconds from an arbitrary origin; only differences mean anything. */
  long nanos();

  /** The machine's own clocks. */
  static TimeSource system() {
    return SystemTimeSource.INSTANCE;
  }
}
