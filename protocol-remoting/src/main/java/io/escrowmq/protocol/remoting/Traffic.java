package io.escrowmq.protocol.remoting;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What goes through the server: counters for metrics, and the wait for quiet when draining. */
final class Traffic {
  final LongAdder connectionsRefused = new LongAdder();
  final LongAdder connectionsIdleClosed = new LongAdder();
  final LongAdder framesMalformed = new LongAdder();
  final LongAdder requests = new LongAdder();
  final LongAdder requestsFailed = new LongAdder();
  final LongAdder requestsRefused = new LongAdder();
  final LongAdder pushes = new LongAdder();
  final LongAdder readingPauses = new LongAdder();
  final AtomicLong pullsWaiting = new AtomicLong();

  private final AtomicLong inFlight = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition quiet = lock.newCondition();
  private volatile boolean draining;

  void started() {
    inFlight.incrementAndGet();
  }

  void finished() {
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
    all.put("connections-refused-total", connectionsRefused.sum());
    all.put("connections-idle-closed-total", connectionsIdleClosed.sum());
    all.put("frames-malformed-total", framesMalformed.sum());
    all.put("requests-total", requests.sum());
    all.put("requests-failed-total", requestsFailed.sum());
    all.put("requests-refused-total", requestsRefused.sum());
    all.put("requests-in-flight", inFlight.get());
    all.put("pulls-waiting", pullsWaiting.get());
    all.put("pushes-total", pushes.sum());
    all.put("reading-pauses-total", readingPauses.sum());
    return all;
  }
}
