package io.escrowmq.protocol.remoting;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one connection asked and was not answered yet, against its limits. Pulls wait for long and
 * hold little, so they are counted apart. Thread-safe.
 */
final class Unanswered {
  private final RemotingSettings.Limits limits;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bodyBytes = new AtomicLong();
  private final AtomicInteger pulls = new AtomicInteger();

  Unanswered(RemotingSettings.Limits limits) {
    this.limits = limits;
  }

  /** Whether one more pull may wait. */
  boolean takesPull() {
    return pulls.get() < limits.waitingPulls();
  }

  /** Whether no more requests should be read for now. */
  boolean full() {
    return requests.get() >= limits.inFlight() || bodyBytes.get() >= limits.inFlightBytes();
  }

  void pullBegan() {
    pulls.incrementAndGet();
  }

  void pullEnded() {
    pulls.decrementAndGet();
  }

  void requestBegan(int bytes) {
    requests.incrementAndGet();
    bodyBytes.addAndGet(bytes);
  }

  void requestEnded(int bytes) {
    requests.decrementAndGet();
    bodyBytes.addAndGet(-bytes);
  }
}
