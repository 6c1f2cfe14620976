package io.escrowmq.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** Several measurements of one thing, taken in turns with those of another. */
final class Turns {

  private final List<Measurement> all = new ArrayList<>();

  void add(Measurement turn) {
    all.add(turn);
  }

  /** All turns as one. */
  Measurement sum() {
    Histogram latency = new Histogram(3);
    all.forEach(turn -> latency.add(turn.latency()));
    return new Measurement(
        all.stream().mapToLong(Measurement::operations).sum(),
        all.stream().mapToLong(Measurement::bytes).sum(),
        all.stream().mapToLong(Measurement::nanos).sum(),
        latency);
  }

  /** The median, over the turns, of this rate divided by the other's. */
  double medianRatio(Turns other) {
    return median(other, Measurement::perSecond);
  }

  /** The median, over the turns, of a percentile of this latency divided by that of the other's. */
  double medianRatio(Turns other, double percentile) {
    return median(other, turn -> turn.millis(percentile));
  }

  private double median(Turns other, ToDoubleFunction<Measurement> figure) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      ratios.add(figure.applyAsDouble(all.get(i)) / figure.applyAsDouble(other.all.get(i)));
    }
    ratios.sort(null);
    return ratios.get(ratios.size() / 2);
  }
}
