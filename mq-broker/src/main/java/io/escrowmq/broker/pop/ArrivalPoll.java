package io.escrowmq.broker.pop;

import io.escrowmq.spi.storage.QueueId;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for arrivals in topics that somebody waits for, for engines that do not announce them. One
 * turn at a time.
 */
final class ArrivalPoll implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(ArrivalPoll.class);
  private static final long PERIOD_MS = 20;

  private final PopEnvironment environment;
  private final PopWaiters waiters;
  private Map<QueueId, Long> ends = new HashMap<>();

  ArrivalPoll(PopEnvironment environment, PopWaiters waiters) {
    this.environment = environment;
    this.waiters = waiters;
  }

  @Override
  public void run() {
    if (waiters.closed()) {
      return;
    }
    try {
      look();
    } catch (RuntimeException e) {
      LOG.warn("looking for arrivals failed: {}; trying again", e.getMessage(), e);
    } finally {
      environment.timer().after(PERIOD_MS, () -> environment.workers().execute(this));
    }
  }

  private void look() {
    Map<QueueId, Long> seen = new HashMap<>();
    for (String topic : waiters.topicsWaitedFor()) {
      int queues = environment.host().queuesOf(topic);
      for (int queue = 0; queue < queues; queue++) {
        QueueId id = new QueueId(topic, queue);
        long end = environment.storage().log().bounds(id).max();
        seen.put(id, end);
        Long before = ends.get(id);
        // The first look may be later than what it should have seen: that counts as news, once.
        if (before == null || before < end) {
          waiters.appended(id, end);
        }
      }
    }
    ends = seen;
  }
}
