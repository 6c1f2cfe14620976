package io.escrowmq.protocol.remoting;

import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What goes through the server: counters for metrics, and the wait for quiet when draining. */
final class Traffic {

  /** What is counted since the start. */
  enum Event {
    CONNECTIONS_REFUSED,
    CONNECTIONS_IDLE_CLOSED,
    /** Frames or requests that could not be read. */
    FRAMES_MALFORMED,
    /** Everything a client asked. */
    REQUESTS,
    /** Answered with an error by the broker or because of a fault. */
    REQUESTS_FAILED,
    /** Not passed to the broker: unknown, overload, shutting down. */
    REQUESTS_REFUSED,
    /** Asked by somebody who is not known or may not; also counted as refused. */
    ACCESS_DENIED,
    /** The server's own requests to clients. */
    PUSHES,
    /**
     * How often reading from a connection was stopped because too much was unanswered or unsent.
     */
    READING_PAUSES;

    private final String metric = name().toLowerCase(Locale.ROOT).replace('_', '-') + "-total";
  }

  private final Map<Event, LongAdder> events = new EnumMap<>(Event.class);
  private final AtomicLong inFlight = new AtomicLong();
  private final AtomicLong pullsWaiting = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition quiet = lock.newCondition();
  private volatile boolean draining;

  Traffic() {
    for (Event event : Event.values()) {
      events.put(event, new LongAdder());
    }
  }

  void count(Event event) {
    LongAdder adder = events.get(event);
    if (adder != null) {
      adder.increment();
    }
  }

  void pullBegan() {
    pullsWaiting.incrementAndGet();
  }

  void pullEnded() {
    pullsWaiting.decrementAndGet();
  }

  void requestBegan() {
    inFlight.incrementAndGet();
  }

  void requestEnded() {
    if (inFlight.decrementAndGet() == 0 && draining) {
      lock.lock();
      try {
        quiet.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  boolean draining() {
    return draining;
  }

  /** Lets no further request in and waits until those inside are answered or the time is over. */
  boolean drain(Duration atMost) throws InterruptedException {
    draining = true;
    long leftNanos = atMost.toNanos();
    lock.lock();
    try {
      while (inFlight.get() > 0) {
        if (leftNanos <= 0) {
          return false;
        }
        leftNanos = quiet.awaitNanos(leftNanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  Map<String, Long> statistics(long connections) {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("connections", connections);
    all.put("requests-in-flight", inFlight.get());
    all.put("pulls-waiting", pullsWaiting.get());
    events.forEach((event, count) -> all.put(event.metric, count.sum()));
    return all;
  }
}
