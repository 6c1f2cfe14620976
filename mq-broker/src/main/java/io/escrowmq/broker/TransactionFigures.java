package io.escrowmq.broker;

import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.tx.DecisionTimes;
import io.escrowmq.tx.TransactionCoordinator;
import io.escrowmq.tx.TransactionStatistics;
import java.util.Map;

/** Escrow and transactions as metrics. */
final class TransactionFigures {

  /** Before the upper bound of each bucket of the histogram, in milliseconds. */
  private static final String DECISION_MS = "transaction-decision-ms-";

  private TransactionFigures() {}

  /** The histogram as one figure for each bucket, which add up over shards like all figures. */
  static void addTo(Map<String, Long> statistics, DecisionTimes.Snapshot times) {
    for (int i = 0; i < times.counts().size(); i++) {
      String bound =
          i < times.upperBoundsMs().size() ? times.upperBoundsMs().get(i).toString() : "inf";
      statistics.put(DECISION_MS + "bucket-" + bound, times.counts().get(i));
    }
    statistics.put(DECISION_MS + "sum", times.sumMs());
  }

  static void addTo(
      Map<String, Long> statistics, TransactionCoordinator coordinator, Escrow escrow) {
    long delayed = 0;
    for (Map.Entry<Escrow.HoldGroup, Long> group : escrow.counts().entrySet()) {
      delayed += group.getKey().kind() == HoldKind.DELAY ? group.getValue() : 0;
    }
    statistics.put("delayed-pending", delayed);
    TransactionStatistics figures = coordinator.statistics();
    statistics.put("transactions-open", figures.open());
    statistics.put("transactions-parked", figures.parked());
    statistics.put("transactions-oldest-open-ms", figures.oldestOpenMs());
    statistics.put("transactions-waiting-for-producer", figures.waitingForProducer());
    statistics.put("transactions-prepared-total", figures.prepared());
    statistics.put("transactions-committed-total", figures.committed());
    statistics.put("transactions-rolled-back-total", figures.rolledBack());
    statistics.put("transactions-conflicts-total", figures.conflicts());
    statistics.put("transaction-checks-asked-total", figures.asked());
    statistics.put("transaction-checks-answered-total", figures.answered());
    statistics.put("transaction-check-errors-total", figures.checkErrors());
  }
}
