package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Admission: whether the broker serves at all, and how many message bytes may be on their way into
 * the store. Never waits. Thread-safe.
 */
final class Gate {

  private final long maxInFlightBytes;
  private final AtomicLong inFlightBytes = new AtomicLong();
  private final AtomicInteger requests = new AtomicInteger();
  private final Counters counters;
  private volatile boolean open = true;
  private volatile BooleanSupplier mayServe = () -> true;

  Gate(long maxInFlightBytes, Counters counters) {
    this.maxInFlightBytes = maxInFlightBytes;
    this.counters = counters;
  }

  /** Refuses if the broker is shutting down or may not serve now. */
  void checkOpen() {
    if (!open) {
      throw new BrokerException(
          ErrorCode.NOT_SERVING,
          "the broker is shutting down",
          "Send again: clients move to another broker or wait for this one to come back.");
    }
    if (!mayServe.getAsBoolean()) {
      throw new BrokerException(
          ErrorCode.NOT_SERVING,
          "this server's lease of the broker's data has run out; another server may have it",
          "Send again after fetching the route: it names the server that has the lease.");
    }
  }

  /** Serves only while this says so; asked by every request, so it must be quick. */
  void serveWhile(BooleanSupplier condition) {
    mayServe = condition;
  }

  /** Takes room for a message; {@link #leave} gives it back. */
  void enter(long bytes) {
    long before = inFlightBytes.getAndAdd(bytes);
    // One message always fits: a limit below the size of a message must not stop everything.
    if (before > 0 && before + bytes > maxInFlightBytes) {
      inFlightBytes.addAndGet(-bytes);
      counters.overloaded.increment();
      throw new BrokerException(
          ErrorCode.OVERLOADED,
          before + " bytes are waiting for the store, the limit is " + maxInFlightBytes,
          "Send again after some milliseconds, or raise the limit on bytes in flight.");
    }
  }

  /** Runs a request without weight that the broker must finish before it stops. */
  <T> CompletionStage<T> during(Supplier<CompletionStage<T>> request) {
    requests.incrementAndGet();
    CompletionStage<T> stage;
    try {
      stage = request.get();
    } catch (RuntimeException e) {
      requests.decrementAndGet();
      throw e;
    }
    stage.whenComplete((_, _) -> requests.decrementAndGet());
    return stage;
  }

  void leave(long bytes) {
    inFlightBytes.addAndGet(-bytes);
  }

  long inFlightBytes() {
    return inFlightBytes.get();
  }

  /** True while something accepted is not finished. */
  boolean busy() {
    return inFlightBytes.get() > 0 || requests.get() > 0;
  }

  /** Refuses everything from now on. */
  void close() {
    open = false;
  }
}
