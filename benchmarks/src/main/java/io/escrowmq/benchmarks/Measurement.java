package io.escrowmq.benchmarks;

import org.HdrHistogram.Histogram;

/**
 * A measured rate with its latencies.
 *
 * @param operations completed
 * @param bytes payload they carried
 * @param nanos how long it took
 * @param latency nanoseconds per operation
 */
record Measurement(long operations, long bytes, long nanos, Histogram latency) {

  double perSecond() {
    return operations * 1e9 / nanos;
  }

  double megabytesPerSecond() {
    return bytes * 1e3 / nanos;
  }

  /** The same, with latencies that were taken in another way. */
  Measurement withLatency(Histogram other) {
    return new Measurement(operations, bytes, nanos, other);
  }

  double millis(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e6;
  }

  @Override
  public String toString() {
    return "%,10.0f/s %8.1f MB/s   p50 %7.3f  p99 %7.3f  p99.9 %7.3f ms"
        .formatted(perSecond(), megabytesPerSecond(), millis(50), millis(99), millis(99.9));
  }
}
