package io.escrowmq.broker.pop;

import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.storage.AppendListener;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for messages, by topic and group, the oldest first. An event (a message
 * arrived, came back, or may be taken in order now) wakes one request of each group it is for: who
 * leaves something wakes the next. Thread-safe; never blocks.
 */
final class PopWaiters implements AppendListener {

  private static final long NANOS_PER_MS = 1_000_000;

  private final PopEnvironment environment;
  private final int maxWaiting;
  private final BiConsumer<PendingPop, Integer> resume;

  /** Topics somebody asked for once; as many as there are topics. */
  private final Map<String, Waiting> topics = new ConcurrentHashMap<>();

  private final AtomicInteger count = new AtomicInteger();
  private volatile boolean closed;

  /** The requests of a topic; guarded by itself. */
  private static final class Waiting {
    private long events;
    private final Map<String, Queue<PendingPop>> groups = new HashMap<>();
  }

  /** What came of an attempt to wait. */
  enum Parking {
    WAITS,
    /** Something happened since the queues were asked: ask again. */
    NEWS,
    /** Too many wait, or nobody may wait any more. */
    FULL
  }

  /**
   * Requests that wait.
   *
   * @param resume goes on with a request, in a queue or in any ({@link PopRequest#ANY_QUEUE}); may
   *     block
   */
  PopWaiters(PopEnvironment environment, int maxWaiting, BiConsumer<PendingPop, Integer> resume) {
    this.environment = environment;
    this.maxWaiting = maxWaiting;
    this.resume = resume;
  }

  /** Number of events of the topic so far; to be asked before its queues are. */
  long events(String topic) {
    Waiting waiting = topics.computeIfAbsent(topic, _ -> new Waiting());
    synchronized (waiting) {
      return waiting.events;
    }
  }

  /** Lets the request wait, unless there were events meanwhile. */
  Parking park(PendingPop pop, long seenEvents) {
    if (closed || count.incrementAndGet() > maxWaiting) {
      if (!closed) {
        count.decrementAndGet();
      }
      return Parking.FULL;
    }
    PopRequest request = pop.request();
    Waiting waiting = topics.computeIfAbsent(request.topic(), _ -> new Waiting());
    synchronized (waiting) {
      if (waiting.events != seenEvents) {
        count.decrementAndGet();
        return Parking.NEWS;
      }
      pop.park(seenEvents);
      waiting.groups.computeIfAbsent(request.consumerGroup(), _ -> new ArrayDeque<>()).add(pop);
    }
    if (!pop.hasAlarm()) {
      long leftNanos = pop.deadlineNanos() - environment.time().nanos();
      long leftMs = Math.ceilDiv(Math.max(0, leftNanos), NANOS_PER_MS);
      pop.alarm(environment.timer().after(leftMs, () -> timeOver(pop)));
    }
    if (closed) {
      timeOver(pop);
    }
    return Parking.WAITS;
  }

  @Override
  public void appended(QueueId queue, long maxOffset) {
    Waiting waiting = topics.get(queue.topic());
    if (waiting == null) {
      return;
    }
    List<PendingPop> woken = new ArrayList<>(1);
    synchronized (waiting) {
      waiting.events++;
      for (Queue<PendingPop> pops : waiting.groups.values()) {
        PendingPop pop = takeFor(queue, pops);
        if (pop != null) {
          woken.add(pop);
        }
      }
    }
    woken.forEach(pop -> goOn(pop, queue.queue()));
  }

  /** There may be something for the group in the queue. */
  void wake(String group, QueueId queue) {
    Waiting waiting = topics.get(queue.topic());
    if (waiting == null) {
      return;
    }
    PendingPop woken;
    synchronized (waiting) {
      waiting.events++;
      Queue<PendingPop> pops = waiting.groups.get(group);
      woken = pops == null ? null : takeFor(queue, pops);
    }
    if (woken != null) {
      goOn(woken, queue.queue());
    }
  }

  private @Nullable PendingPop takeFor(QueueId queue, Queue<PendingPop> pops) {
    for (Iterator<PendingPop> each = pops.iterator(); each.hasNext(); ) {
      PendingPop pop = each.next();
      if (!pop.request().wants(queue.queue())) {
        continue;
      }
      each.remove();
      count.decrementAndGet();
      if (pop.claim()) {
        return pop;
      }
    }
    return null;
  }

  private void goOn(PendingPop pop, int queue) {
    environment.workers().execute(() -> resume.accept(pop, queue));
  }

  private void timeOver(PendingPop pop) {
    if (pop.claim()) {
      remove(pop);
      goOn(pop, PopRequest.ANY_QUEUE);
    }
  }

  private void remove(PendingPop pop) {
    Waiting waiting = topics.get(pop.request().topic());
    if (waiting == null) {
      return;
    }
    synchronized (waiting) {
      Queue<PendingPop> pops = waiting.groups.get(pop.request().consumerGroup());
      if (pops != null && pops.remove(pop)) {
        count.decrementAndGet();
        if (pops.isEmpty()) {
          waiting.groups.remove(pop.request().consumerGroup());
        }
      }
    }
  }

  /** Topics for which somebody waits. */
  List<String> topicsWaitedFor() {
    List<String> waitedFor = new ArrayList<>();
    topics.forEach((topic, waiting) -> {
      synchronized (waiting) {
        if (waiting.groups.values().stream().anyMatch(pops -> !pops.isEmpty())) {
          waitedFor.add(topic);
        }
      }
    });
    return waitedFor;
  }

  /** Requests of the group for the topic; see {@code PopServices#waiting}. */
  int count(String group, String topic, int queue) {
    Waiting waiting = topics.get(topic);
    if (waiting == null) {
      return 0;
    }
    synchronized (waiting) {
      Queue<PendingPop> pops = waiting.groups.get(group);
      return pops == null
          ? 0
          : (int) pops.stream().filter(pop -> pop.request().queue() == queue).count();
    }
  }

  boolean closed() {
    return closed;
  }

  int count() {
    return count.get();
  }

  /** Lets nobody wait any more. */
  void close() {
    closed = true;
    List<PendingPop> all = new ArrayList<>();
    topics
        .values()
        .forEach(waiting -> {
          synchronized (waiting) {
            waiting.groups.values().forEach(all::addAll);
          }
        });
    all.forEach(this::timeOver);
  }
}
