package io.escrowmq.broker;

import io.escrowmq.spi.storage.Registration;
import io.escrowmq.spi.storage.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.PriorityQueue;

/** Timers that fire when the test lets time pass. Thread-safe. */
final class ManualScheduler implements Scheduler {

  private static final long NANOS_PER_MS = 1_000_000;

  private record Task(long dueNanos, long order, Runnable action) implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      int byTime = Long.compare(dueNanos, other.dueNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final ManualTimeSource time;
  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private long orders;

  ManualScheduler(ManualTimeSource time) {
    this.time = time;
  }

  @Override
  public Registration after(long delayMs, Runnable action) {
    synchronized (tasks) {
      Task task = new Task(time.nanos() + Math.max(0, delayMs) * NANOS_PER_MS, orders++, action);
      tasks.add(task);
      return () -> cancel(task);
    }
  }

  /** Lets time pass; every timer fires at its own time, in order. */
  void advance(Duration duration) {
    long endNanos = time.nanos() + duration.toNanos();
    for (Task next = next(endNanos); next != null; next = next(endNanos)) {
      time.advance(Duration.ofNanos(Math.max(0, next.dueNanos() - time.nanos())));
      next.action().run();
    }
    time.advance(Duration.ofNanos(Math.max(0, endNanos - time.nanos())));
  }

  int pending() {
    synchronized (tasks) {
      return tasks.size();
    }
  }

  private Task next(long endNanos) {
    synchronized (tasks) {
      Task first = tasks.peek();
      return first == null || first.dueNanos() > endNanos ? null : tasks.poll();
    }
  }

  private void cancel(Task task) {
    synchronized (tasks) {
      tasks.remove(task);
    }
  }
}
