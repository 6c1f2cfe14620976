package io.escrowmq.tx;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long transactions were open until they were decided, since the start of the process: a
 * histogram. Thread-safe.
 */
public final class DecisionTimes {

  private static final List<Long> UPPER_BOUNDS_MS =
      List.of(
          5L,
          10L,
          25L,
          50L,
          100L,
          250L,
          500L,
          1_000L,
          2_500L,
          5_000L,
          10_000L,
          30_000L,
          60_000L,
          300_000L,
          1_800_000L,
          21_600_000L,
          86_400_000L);

  private final List<LongAdder> counts = new ArrayList<>();
  private final LongAdder sumMs = new LongAdder();

  /** An empty histogram. */
  public DecisionTimes() {
    for (int i = 0; i <= UPPER_BOUNDS_MS.size(); i++) {
      counts.add(new LongAdder());
    }
  }

  /**
   * The histogram at a moment.
   *
   * @param upperBoundsMs inclusive upper bounds of the buckets but the last, which has none
   * @param counts decisions in each bucket, one more than bounds
   */
  public record Snapshot(List<Long> upperBoundsMs, List<Long> counts, long sumMs) {}

  /** One more decision. */
  public void record(long openMs) {
    int bucket = 0;
    while (bucket < UPPER_BOUNDS_MS.size() && openMs > UPPER_BOUNDS_MS.get(bucket)) {
      bucket++;
    }
    counts.get(bucket).increment();
    sumMs.add(openMs);
  }

  /** The counts now. */
  public Snapshot snapshot() {
    return new Snapshot(UPPER_BOUNDS_MS, counts.stream().map(LongAdder::sum).toList(), sumMs.sum());
  }
}
