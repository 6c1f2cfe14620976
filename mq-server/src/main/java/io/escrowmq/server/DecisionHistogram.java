package io.escrowmq.server;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How long transactions were open until they were decided, as one histogram in seconds. The node
 * gives its buckets as figures of their own.
 */
final class DecisionHistogram {

  private static final String PREFIX = "escrowmq_broker_transaction_decision_ms_";
  private static final String BUCKET = PREFIX + "bucket_";
  private static final String SUM = PREFIX + "sum";
  private static final double MS_PER_SECOND = 1000;

  private final SortedMap<Double, Long> buckets = new TreeMap<>();
  private double sumSeconds;

  private DecisionHistogram() {}

  /** The histogram; what it is made of is removed from the values. */
  static DecisionHistogram takenFrom(Map<String, Long> values) {
    DecisionHistogram histogram = new DecisionHistogram();
    values.entrySet().removeIf(value -> histogram.take(value.getKey(), value.getValue()));
    return histogram;
  }

  void addTo(MetricSnapshots.Builder snapshots) {
    if (buckets.isEmpty()) {
      return;
    }
    ClassicHistogramBuckets.Builder counts = ClassicHistogramBuckets.builder();
    buckets.forEach(counts::bucket);
    snapshots.metricSnapshot(
        HistogramSnapshot.builder()
            .name("escrowmq_broker_transaction_decision_seconds")
            .help("Time from the half message to the decision.")
            .dataPoint(
                HistogramDataPointSnapshot.builder()
                    .classicHistogramBuckets(counts.build())
                    .sum(sumSeconds)
                    .build())
            .build());
  }

  private boolean take(String name, long value) {
    if (name.equals(SUM)) {
      sumSeconds = value / MS_PER_SECOND;
      return true;
    }
    if (!name.startsWith(BUCKET)) {
      return false;
    }
    String bound = name.substring(BUCKET.length());
    buckets.put(
        bound.equals("inf") ? Double.POSITIVE_INFINITY : Long.parseLong(bound) / MS_PER_SECOND,
        value);
    return true;
  }
}
