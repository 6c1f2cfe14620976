package io.escrowmq.broker;

import io.escrowmq.spi.storage.IntakeFigures;
import io.escrowmq.spi.storage.StoreIntake;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/** The intake tables that a broker empties. Thread-safe. */
final class Intakes implements AutoCloseable {

  private final IntakeMover.World world;
  private final List<IntakeMover> movers = new CopyOnWriteArrayList<>();

  Intakes(IntakeMover.World world) {
    this.world = world;
  }

  /** Takes a table over, checking it; {@link #start} begins to move its rows. */
  void add(String name, StoreIntake table) {
    IntakeMover mover = new IntakeMover(name, table, world);
    movers.add(mover);
    mover.check();
  }

  void start() {
    movers.forEach(IntakeMover::start);
  }

  void addTo(Map<String, Long> statistics) {
    if (movers.isEmpty()) {
      return;
    }
    statistics.put("intake-moved-messages-total", sum(tally -> tally.moved.sum()));
    statistics.put("intake-rejected-messages-total", sum(tally -> tally.rejected.sum()));
    statistics.put("intake-failures-total", sum(tally -> tally.failures.sum()));
    statistics.put("intake-waiting-rows", sum(tally -> tally.figures.waitingRows()));
    statistics.put("intake-rejected-rows", sum(tally -> tally.figures.rejectedRows()));
    statistics.put("intake-stalled", sum(tally -> tally.trouble.isEmpty() ? 0 : 1));
    long oldest =
        movers.stream()
            .map(mover -> mover.tally().figures)
            .mapToLong(IntakeFigures::oldestMs)
            .max()
            .orElse(0);
    statistics.put("intake-oldest-row-ms", oldest);
  }

  private long sum(ToLongFunction<IntakeMover.Tally> figure) {
    return movers.stream().map(IntakeMover::tally).mapToLong(figure).sum();
  }

  /** Ends every mover; a batch that is under way is finished. */
  @Override
  public void close() {
    movers.forEach(IntakeMover::stop);
  }
}
