package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.storage.AppendListener;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls that wait for a message, by queue. A waiting pull costs an entry in a map and a timer, no
 * thread. An arrival wakes all pulls of its queue, each on a virtual thread that looks whether the
 * message passes the filter. Thread-safe.
 */
final class PullWaiters implements AppendListener {

  private static final Logger LOG = LoggerFactory.getLogger(PullWaiters.class);
  private static final long POLL_MS = 20;
  private static final long NANOS_PER_MS = 1_000_000;

  private final MessageLog log;
  private final Background background;
  private final int maxWaiting;
  private final Consumer<PendingPull> resume;
  private final Map<QueueId, List<PendingPull>> waiting = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private volatile boolean closed;

  /**
   * Waiting pulls.
   *
   * @param resume goes on with a pull whose queue has something new; may block
   */
  PullWaiters(MessageLog log, Background background, int maxWaiting, Consumer<PendingPull> resume) {
    this.log = log;
    this.background = background;
    this.maxWaiting = maxWaiting;
    this.resume = resume;
  }

  /** Lets the pull wait until something arrives or its time is over. May block for I/O. */
  void park(PendingPull pull) {
    QueueId queue = pull.request().queue();
    if (count.incrementAndGet() > maxWaiting) {
      count.decrementAndGet();
      throw new BrokerException(
          ErrorCode.OVERLOADED,
          maxWaiting + " pulls are waiting for messages already",
          "Pull again later, or raise the limit on waiting pulls.");
    }
    pull.park();
    waiting.compute(
        queue,
        (_, pulls) -> {
          List<PendingPull> list = pulls == null ? new ArrayList<>(1) : pulls;
          list.add(pull);
          return list;
        });
    if (!pull.hasAlarm()) {
      long leftNanos = pull.deadlineNanos() - background.time().nanos();
      long leftMs = Math.ceilDiv(Math.max(0, leftNanos), NANOS_PER_MS);
      pull.alarm(background.scheduler().after(leftMs, () -> timeOver(pull)));
    }
    // What arrived between the last read and now told nobody.
    if (closed) {
      timeOver(pull);
    } else if (log.bounds(queue).max() > pull.nextOffset()) {
      takeOut(pull);
    }
  }

  @Override
  public void appended(QueueId queue, long maxOffset) {
    List<PendingPull> woken = waiting.remove(queue);
    if (woken == null) {
      return;
    }
    for (PendingPull pull : woken) {
      if (pull.claim()) {
        count.decrementAndGet();
        background.workers().execute(() -> resume.accept(pull));
      }
    }
  }

  /** Looks for arrivals now and then: for engines that do not announce them. */
  void pollForArrivals() {
    for (Map.Entry<QueueId, List<PendingPull>> entry : waiting.entrySet()) {
      long max = log.bounds(entry.getKey()).max();
      boolean[] news = new boolean[1];
      waiting.computeIfPresent(
          entry.getKey(),
          (_, pulls) -> {
            news[0] = pulls.stream().anyMatch(pull -> pull.nextOffset() < max);
            return pulls;
          });
      if (news[0]) {
        appended(entry.getKey(), max);
      }
    }
  }

  /** Calls {@link #pollForArrivals} until closed. */
  void keepPolling() {
    if (closed) {
      return;
    }
    try {
      pollForArrivals();
    } catch (RuntimeException e) {
      LOG.warn("looking for arrivals failed: {}; trying again", e.getMessage(), e);
    } finally {
      background.blockingAfter(POLL_MS, this::keepPolling);
    }
  }

  /** Answers every waiting pull and lets none wait from now on. */
  void close() {
    closed = true;
    waiting
        .keySet()
        .forEach(queue -> {
          List<PendingPull> pulls = waiting.remove(queue);
          if (pulls != null) {
            pulls.forEach(this::timeOver);
          }
        });
  }

  int count() {
    return count.get();
  }

  private void timeOver(PendingPull pull) {
    if (remove(pull)) {
      background.workers().execute(() -> answerNothing(pull));
    }
  }

  private void takeOut(PendingPull pull) {
    if (remove(pull)) {
      background.workers().execute(() -> resume.accept(pull));
    }
  }

  private boolean remove(PendingPull pull) {
    if (!pull.claim()) {
      return false;
    }
    count.decrementAndGet();
    waiting.computeIfPresent(
        pull.request().queue(),
        (_, pulls) -> {
          pulls.remove(pull);
          return pulls.isEmpty() ? null : pulls;
        });
    return true;
  }

  private void answerNothing(PendingPull pull) {
    try {
      pull.timedOut(log.bounds(pull.request().queue()));
    } catch (RuntimeException e) {
      pull.failed(e);
    }
  }
}
