package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.storage.commitlog.log.LogWriter;
import io.escrowmq.storage.commitlog.views.Views;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Applies decided batches to the views and gives their receipts, in log order, as soon as their
 * bytes are as safe as was asked for. Its caller is the one engine thread.
 */
final class Committer {

  private static final int MOST_PER_ROUND = 2048;

  private final LogWriter writer;
  private final Views views;
  private final Decider decider;
  private final Listeners listeners;
  private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
  private final AtomicLong batches = new AtomicLong();
  private volatile long applied;

  Committer(LogWriter writer, Views views, Decider decider, Listeners listeners, long applied) {
    this.writer = writer;
    this.views = views;
    this.decider = decider;
    this.listeners = listeners;
    this.applied = applied;
  }

  void add(Pending pending) {
    waiting.add(pending);
  }

  /** End of the log that the views reflect. */
  long applied() {
    return applied;
  }

  /** Batches answered so far. */
  long batches() {
    return batches.get();
  }

  boolean isIdle() {
    return waiting.isEmpty();
  }

  /** True if something can be answered now. */
  boolean hasWork() {
    Pending first = waiting.peek();
    return first != null && (isSafe(first) || writer.failure().isPresent());
  }

  /** Applies and answers what is safe; false if there was nothing. */
  boolean commitReady() {
    Optional<StorageException> failure = writer.failure();
    List<Pending> ready = new ArrayList<>();
    Pending next = waiting.peek();
    while (next != null && ready.size() < MOST_PER_ROUND && isSafe(next)) {
      ready.add(waiting.remove());
      next.effects().forEach(views::stage);
      next = waiting.peek();
    }
    if (!ready.isEmpty()) {
      answer(ready);
      return true;
    }
    if (failure.isPresent() && next != null) {
      waiting.forEach(lost -> lost.fail(failure.get()));
      waiting.clear();
      return true;
    }
    return false;
  }

  /** Fails everything that waits, without looking at the views. */
  boolean failAll() {
    boolean worked = !waiting.isEmpty();
    StorageException why = writer.failure().orElseGet(StorageException.Closed::new);
    waiting.forEach(lost -> lost.fail(why));
    waiting.clear();
    return worked;
  }

  private void answer(List<Pending> ready) {
    var grown = views.publish();
    Pending last = ready.getLast();
    applied = last.end();
    for (Pending pending : ready) {
      if (pending.number() > 0) {
        decider.applied(pending.number());
      }
      pending.complete();
    }
    batches.addAndGet(ready.size());
    if (!grown.isEmpty()) {
      listeners.announce(grown);
    }
  }

  private boolean isSafe(Pending pending) {
    return pending.end() <= writer.written() && pending.required() <= writer.durable();
  }
}
