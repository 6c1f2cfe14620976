package io.escrowmq.server;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/**
 * {@code /actuator/prometheus}: every statistic of the node as {@code escrowmq_*}, and under the
 * name that Apache RocketMQ 5.x gives to the same figure where there is one, so that existing
 * dashboards go on working. The node is asked once per scrape.
 */
@Component
final class NodeMetrics implements MultiCollector {

  private static final String COUNTER_SUFFIX = "_total";

  private final NodeLifecycle lifecycle;

  NodeMetrics(NodeLifecycle lifecycle, PrometheusRegistry registry) {
    this.lifecycle = lifecycle;
    registry.register(this);
  }

  @Override
  public MetricSnapshots collect() {
    Map<String, Long> values = new TreeMap<>();
    values.put("escrowmq_up", 0L);
    lifecycle
        .node()
        .ifPresent(node -> {
          values.put("escrowmq_up", node.health().canSend() ? 1L : 0L);
          node.statistics().forEach((name, value) -> add(values, name, value));
        });
    DecisionHistogram histogram = DecisionHistogram.takenFrom(values);
    MetricSnapshots.Builder snapshots = MetricSnapshots.builder();
    values.forEach((name, value) -> snapshots.metricSnapshot(snapshot(name, value)));
    histogram.addTo(snapshots);
    return snapshots.build();
  }

  private static void add(Map<String, Long> values, String statistic, long value) {
    values.put("escrowmq_" + statistic.replace('-', '_'), value);
    String compatible = RocketmqMetricNames.BY_STATISTIC.get(statistic);
    if (compatible != null) {
      values.merge(compatible, value, Long::sum);
    }
  }

  private static MetricSnapshot snapshot(String name, long value) {
    if (name.endsWith(COUNTER_SUFFIX)) {
      return CounterSnapshot.builder()
          .name(name.substring(0, name.length() - COUNTER_SUFFIX.length()))
          .dataPoint(
              CounterSnapshot.CounterDataPointSnapshot.builder().value((double) value).build())
          .build();
    }
    return GaugeSnapshot.builder()
        .name(name)
        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value((double) value).build())
        .build();
  }
}
