package io.escrowmq.broker.pop;

import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What POP counts. Thread-safe. */
final class PopCounters {

  final LongAdder popped = new LongAdder();
  final LongAdder redelivered = new LongAdder();
  final LongAdder acknowledged = new LongAdder();
  final LongAdder stale = new LongAdder();
  final LongAdder deadLettered = new LongAdder();
  final LongAdder lost = new LongAdder();
  final LongAdder errors = new LongAdder();
  final LongAdder inFlight = new LongAdder();

  void addTo(Map<String, Long> statistics) {
    statistics.put("popped-messages-total", popped.sum());
    statistics.put("pop-redelivered-messages-total", redelivered.sum());
    statistics.put("pop-acknowledged-messages-total", acknowledged.sum());
    statistics.put("pop-stale-acknowledgements-total", stale.sum());
    statistics.merge("dead-letter-messages-total", deadLettered.sum(), Long::sum);
    statistics.put("pop-removed-before-redelivery-total", lost.sum());
    statistics.put("pop-errors-total", errors.sum());
    statistics.put("pop-in-flight-messages", inFlight.sum());
  }
}
