package io.escrowmq.broker;

import io.escrowmq.spi.protocol.Operations.Rate;
import io.escrowmq.spi.storage.TimeSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How fast the counters rise, from a sample every 10 s. Thread-safe. */
final class Rates {

  static final long SAMPLE_MS = 10_000;
  private static final int SAMPLES = 61;
  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Counters counters;
  private final TimeSource time;
  private final Deque<Sample> samples = new ArrayDeque<>();

  private record Sample(long atNanos, Map<String, Long> counts) {
    long of(String name) {
      return counts.getOrDefault(name, 0L);
    }
  }

  Rates(Counters counters, TimeSource time) {
    this.counters = counters;
    this.time = time;
    sample();
  }

  /** Notes where the counters are. */
  synchronized void sample() {
    if (samples.size() == SAMPLES) {
      samples.removeFirst();
    }
    samples.addLast(now());
  }

  synchronized Map<String, Rate> all() {
    Sample now = now();
    Sample tenSeconds = back(1);
    Sample minute = back(6);
    Sample tenMinutes = back(60);
    Map<String, Rate> rates = new HashMap<>();
    for (String name : now.counts().keySet()) {
      rates.put(
          name,
          new Rate(
              between(tenSeconds, now, name),
              between(minute, now, name),
              between(tenMinutes, now, name)));
    }
    return rates;
  }

  private Sample back(int count) {
    int skipped = Math.max(0, samples.size() - count);
    return samples.stream().skip(skipped).findFirst().orElseThrow();
  }

  private Sample now() {
    Map<String, Long> counts = new HashMap<>();
    counters.addTo(counts);
    return new Sample(time.nanos(), counts);
  }

  private static double between(Sample then, Sample now, String name) {
    double seconds = (now.atNanos() - then.atNanos()) / NANOS;
    return seconds <= 0 ? 0 : (now.of(name) - then.of(name)) / seconds;
  }
}
