package io.escrowmq.broker;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Registration;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Releases delayed messages when their time has come.
 *
 * <p>The store's wake-up order is the truth; in memory are only the holds of the next seconds (all
 * of those before {@code horizonMs}), so a million pending messages cost disk and not heap, and a
 * restart costs one page. A timer sleeps until the next one is due; nothing is polled. Releases are
 * idempotent, so a failed or repeated batch is simply written again. Thread-safe.
 */
final class DelayedDelivery implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DelayedDelivery.class);

  static final long HORIZON_MS = 4_000;
  private static final long SWEEP_MS = 60_000;
  private static final int PAGE = 1_000;
  private static final int RELEASES_PER_BATCH = 1_000;
  private static final int MAX_LOADED = 20_000;
  private static final int ENOUGH_LOADED = MAX_LOADED / 2;
  private static final long FIRST_BACK_OFF_MS = 100;
  private static final long MAX_BACK_OFF_MS = 10_000;
  private static final HoldId GREATEST_ID = new HoldId(-1, -1);
  private static final QueueId ANY_QUEUE = new QueueId("any", 0);
  private static final Registration NO_ALARM = () -> {};

  private record Due(long atMs, HoldId id) {}

  private final Storage storage;
  private final Background background;
  private final Counters counters;

  private final Object lock = new Object();
  private final TreeSet<Due> loaded =
      new TreeSet<>(Comparator.comparingLong(Due::atMs).thenComparing(Due::id));
  private long horizonMs;
  private long sweptAtMs = Long.MIN_VALUE / 2;
  private long backOffMs;
  private boolean running;
  private boolean closed;
  private long alarmAtMs = Long.MAX_VALUE;
  private Registration alarm = NO_ALARM;

  DelayedDelivery(Storage storage, Background background, Counters counters) {
    this.storage = storage;
    this.background = background;
    this.counters = counters;
  }

  /** Begins with what is due already. */
  void start() {
    synchronized (lock) {
      armAt(background.time().nowMs());
    }
  }

  /** A hold of kind DELAY was written. Cheap; never blocks. */
  void expect(HoldId id, long wakeAtMs) {
    synchronized (lock) {
      if (wakeAtMs >= horizonMs) {
        return;
      }
      loaded.add(new Due(wakeAtMs, id));
      if (loaded.size() > MAX_LOADED) {
        horizonMs = Math.min(horizonMs, loaded.removeLast().atMs());
      }
      if (!running && wakeAtMs < alarmAtMs) {
        armAt(wakeAtMs);
      }
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      alarm.close();
    }
  }

  private void armAt(long atMs) {
    if (closed) {
      return;
    }
    alarm.close();
    alarmAtMs = atMs;
    long delayMs = Math.max(0, atMs - background.time().nowMs());
    alarm = background.scheduler().after(delayMs, this::wake);
  }

  private void wake() {
    synchronized (lock) {
      if (running || closed) {
        return;
      }
      running = true;
    }
    background.workers().execute(this::run);
  }

  private void run() {
    boolean failed = false;
    try {
      deliverAllDue();
    } catch (RuntimeException e) {
      failed = true;
      counters.backgroundErrors.increment();
      report(e);
    } finally {
      rest(failed);
    }
  }

  private void deliverAllDue() {
    while (true) {
      long nowMs = background.time().nowMs();
      load(nowMs);
      List<Due> due = take(nowMs);
      if (due.isEmpty()) {
        return;
      }
      boolean done = false;
      try {
        release(due);
        done = true;
      } finally {
        if (!done) {
          giveBack(due);
        }
      }
    }
  }

  private void rest(boolean failed) {
    synchronized (lock) {
      running = false;
      long nowMs = background.time().nowMs();
      if (failed) {
        backOffMs = Math.clamp(backOffMs * 2, FIRST_BACK_OFF_MS, MAX_BACK_OFF_MS);
        armAt(nowMs + backOffMs);
        return;
      }
      if (backOffMs > 0) {
        LOG.info("delayed messages are delivered again");
        backOffMs = 0;
      }
      // With enough in memory the next load waits until some of it is delivered.
      long reloadAtMs =
          loaded.size() >= ENOUGH_LOADED ? Long.MAX_VALUE : horizonMs - HORIZON_MS / 2;
      armAt(loaded.isEmpty() ? reloadAtMs : Math.min(reloadAtMs, loaded.first().atMs()));
    }
  }

  /** Moves the horizon on, so that everything due before it is in memory. */
  private void load(long nowMs) {
    long fromMs;
    long toMs = nowMs + HORIZON_MS;
    synchronized (lock) {
      if (loaded.size() >= ENOUGH_LOADED) {
        return;
      }
      boolean sweep = nowMs - sweptAtMs >= SWEEP_MS;
      if (!sweep && horizonMs - nowMs > HORIZON_MS / 2) {
        return;
      }
      // A sweep also finds what was written without a word to us, for example just before a crash.
      fromMs = sweep ? Long.MIN_VALUE : horizonMs;
      sweptAtMs = sweep ? nowMs : sweptAtMs;
      // Before reading: from here on expect() keeps what the pages below may miss.
      horizonMs = Math.max(horizonMs, toMs);
    }
    boolean complete = false;
    try {
      readPages(fromMs, toMs);
      complete = true;
    } finally {
      if (!complete) {
        synchronized (lock) {
          horizonMs = Math.min(horizonMs, Math.max(0, fromMs));
          sweptAtMs = Long.MIN_VALUE / 2;
        }
      }
    }
  }

  private void readPages(long fromMs, long toMs) {
    Optional<HoldEntry> after =
        fromMs == Long.MIN_VALUE
            ? Optional.empty()
            : Optional.of(
                new HoldEntry(GREATEST_ID, ANY_QUEUE, HoldKind.DELAY, 0, fromMs - 1, Bytes.EMPTY));
    while (true) {
      List<HoldEntry> page = storage.escrow().due(HoldKind.DELAY, after, toMs, PAGE);
      synchronized (lock) {
        for (HoldEntry entry : page) {
          loaded.add(new Due(entry.wakeAtMs(), entry.id()));
        }
        if (page.size() < PAGE) {
          return;
        }
        if (loaded.size() >= MAX_LOADED) {
          horizonMs = Math.min(horizonMs, page.getLast().wakeAtMs());
          return;
        }
      }
      after = Optional.of(page.getLast());
    }
  }

  private List<Due> take(long nowMs) {
    List<Due> due = new ArrayList<>();
    synchronized (lock) {
      while (!loaded.isEmpty()
          && loaded.first().atMs() <= nowMs
          && due.size() < RELEASES_PER_BATCH
          && !closed) {
        due.add(loaded.removeFirst());
      }
    }
    return due;
  }

  private void giveBack(List<Due> due) {
    synchronized (lock) {
      loaded.addAll(due);
    }
  }

  private void release(List<Due> due) {
    WriteBatch.Builder batch = WriteBatch.builder();
    due.forEach(one -> batch.add(new Mutation.Release(one.id())));
    WriteReceipt receipt = Failures.await(storage.write(batch.build()));
    long released =
        receipt.outcomes().stream()
            .filter(outcome -> outcome.result() == Outcome.Result.APPLIED)
            .count();
    counters.releasedDelayed.add(released);
  }

  private void report(RuntimeException e) {
    boolean first;
    synchronized (lock) {
      first = backOffMs == 0 && !closed;
    }
    if (first) {
      LOG.warn(
          "delayed messages cannot be delivered: {}. They stay in the store; trying again until it"
              + " works",
          e.getMessage(),
          e);
    }
  }
}
