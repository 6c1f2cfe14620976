package io.escrowmq.crash;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/**
 * Compares what consumers see with what was promised: nothing acknowledged is lost, nothing
 * undecided is visible, no decision is reversed, offsets are dense, and what stood at an offset
 * stays there.
 */
final class Verdict {

  private static final List<String> TOPICS =
      List.of(MixedLoad.PLAIN, MixedLoad.DELAYED, MixedLoad.TRANSACTIONAL);

  private final Ledger ledger;
  private final List<String> violations = new ArrayList<>();
  private final AtomicLong failedReads = new AtomicLong();

  Verdict(Ledger ledger) {
    this.ledger = ledger;
  }

  List<String> violations() {
    return violations;
  }

  void add(String violation) {
    violations.add(violation);
  }

  long failedReads() {
    return failedReads.get();
  }

  /** Consumes all the time, so that whatever becomes visible between two kills is seen. */
  void readUntil(VisibleLog live, CountDownLatch done) {
    try {
      while (!done.await(20, TimeUnit.MILLISECONDS)) {
        readQuietly(live);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int readQuietly(VisibleLog log) {
    int count = 0;
    for (String topic : TOPICS) {
      try {
        count += log.readMore(topic);
      } catch (Exception e) {
        // The server is down between kill and restart, or the topic has had no message yet.
        failedReads.incrementAndGet();
      }
    }
    return count;
  }

  void settle(VisibleLog live) {
    int before = violations.size();
    Awaitility.await("everything promised to become visible")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(250))
        .conditionEvaluationListener(condition -> {
          if (condition.getRemainingTimeInMS() < 500) {
            violations.add("not settled in time: " + missing(live));
          }
        })
        .until(() -> {
          int more = readQuietly(live);
          return (more == 0 && missing(live).isEmpty()) || violations.size() > before;
        });
  }

  private List<String> missing(VisibleLog live) {
    Map<String, Integer> copies = live.copies();
    List<String> missing = new ArrayList<>();
    ledger.plainAcknowledged.keySet().stream()
        .filter(key -> !copies.containsKey(key))
        .forEach(missing::add);
    ledger.delayedAcknowledged.keySet().stream()
        .filter(key -> !copies.containsKey(key))
        .forEach(missing::add);
    ledger.transactionCommitted.forEach((key, committed) -> {
      if (committed && !copies.containsKey(key)) {
        missing.add(key);
      }
    });
    return missing.size() > 20 ? missing.subList(0, 20) : missing;
  }

  void checkAgainstLedger(VisibleLog live) {
    violations.addAll(live.violations());
    missing(live).forEach(key -> violations.add("lost: " + key));
    live.copies()
        .forEach((key, copies) -> {
          if (copies > 1) {
            violations.add(copies + " copies of " + key);
          }
          if (!ledger.attempted.containsKey(key)) {
            violations.add("never sent: " + key);
          }
          if (key.startsWith("t") && !ledger.transactionCommitted.getOrDefault(key, false)) {
            violations.add("visible but not committed: " + key);
          }
        });
    ledger.plainAcknowledged.forEach((key, address) -> {
      List<VisibleLog.Seen> queue = live.queues().getOrDefault(address.queueName(), List.of());
      if (address.offset() >= queue.size()
          || !queue.get((int) address.offset()).key().equals(key)) {
        violations.add("not where it was acknowledged: " + key + " at " + address);
      }
    });
  }

  /** A second reading from the start must show what consumers were shown during the kills. */
  void checkReread(String nameServer, VisibleLog live) throws Exception {
    try (VisibleLog again = new VisibleLog(nameServer, "again")) {
      for (String topic : TOPICS) {
        again.readMore(topic);
      }
      live.queues()
          .forEach((queue, seen) -> {
            List<VisibleLog.Seen> now = again.queues().getOrDefault(queue, List.of());
            if (now.size() < seen.size() || !now.subList(0, seen.size()).equals(seen)) {
              violations.add("a consumer was shown something else before: " + queue);
            }
          });
    }
  }
}
