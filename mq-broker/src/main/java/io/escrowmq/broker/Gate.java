package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Admission: whether the broker serves at all, and how many message bytes may be on their way into
 * the store. Never waits. Thread-safe.
 */
final class Gate {

  private final long maxInFlightBytes;
  private final AtomicLong inFlightBytes = new AtomicLong();
  private final Counters counters;
  private volatile boolean open = true;

  Gate(long maxInFlightBytes, Counters counters) {
    this.maxInFlightBytes = maxInFlightBytes;
    this.counters = counters;
  }

  /** Refuses if the broker is shutting down. */
  void checkOpen() {
    if (!open) {
      throw new BrokerException(
          ErrorCode.NOT_SERVING,
          "the broker is shutting down",
          "Send again: clients move to another broker or wait for this one to come back.");
    }
  }

  /** Takes room for a message; {@link #leave} gives it back. */
  void enter(long bytes) {
    long before = inFlightBytes.getAndAdd(bytes);
    if (before > 0 && before + bytes > maxInFlightBytes) {
      inFlightBytes.addAndGet(-bytes);
      counters.overloaded.increment();
      throw new BrokerException(
          ErrorCode.OVERLOADED,
          before + " bytes are waiting for the store, the limit is " + maxInFlightBytes,
          "Send again after some milliseconds, or raise the limit on bytes in flight.");
    }
  }

  void leave(long bytes) {
    inFlightBytes.addAndGet(-bytes);
  }

  long inFlightBytes() {
    return inFlightBytes.get();
  }

  /** Refuses everything from now on. */
  void close() {
    open = false;
  }
}
