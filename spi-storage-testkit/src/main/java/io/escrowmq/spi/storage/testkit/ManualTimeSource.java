package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that moves only when told. Thread-safe. */
public final class ManualTimeSource implements TimeSource {

  /** Where every manual clock starts: 2023-11-14T22:13:20Z, a round number of milliseconds. */
  public static final long START_MS = 1_700_000_000_000L;

  private final AtomicLong wallMs = new AtomicLong(START_MS);
  private final AtomicLong monotonicNanos = new AtomicLong(1);

  @Override
  public long nowMs() {
    return wallMs.get();
  }

  @Override
  public long nanos() {
    return monotonicNanos.get();
  }

  /** Lets time pass on both clocks. */
  public void advance(Duration duration) {
    monotonicNanos.addAndGet(duration.toNanos());
    wallMs.addAndGet(duration.toMillis());
  }

  /** Lets milliseconds pass on both clocks. */
  public void advanceMs(long ms) {
    advance(Duration.ofMillis(ms));
  }

  /** Steps the wall clock, backwards too; the monotonic clock does not notice. */
  public void stepWallTo(long nowMs) {
    wallMs.set(nowMs);
  }
}
