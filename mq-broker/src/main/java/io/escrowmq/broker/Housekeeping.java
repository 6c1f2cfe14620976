package io.escrowmq.broker;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be done from time to time: silent clients, old messages. */
final class Housekeeping implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

  private final Background background;
  private final Counters counters;
  private final Runnable retain;
  private final Runnable expire;
  private final Runnable sample;
  private volatile boolean closed;

  Housekeeping(
      Background background, Counters counters, Runnable retain, Runnable expire, Runnable sample) {
    this.background = background;
    this.counters = counters;
    this.retain = retain;
    this.expire = expire;
    this.sample = sample;
  }

  void start(BrokerSettings.Timings timings) {
    every(timings.memberScan().toMillis(), "looking for silent clients", expire);
    every(Rates.SAMPLE_MS, "sampling the counters", sample);
    every(timings.retention().toMillis(), "removing old messages", retain);
  }

  @Override
  public void close() {
    closed = true;
  }

  private void every(long periodMs, String what, Runnable task) {
    next(periodMs, what, task, new AtomicBoolean());
  }

  private void next(long periodMs, String what, Runnable task, AtomicBoolean failing) {
    background.blockingAfter(
        periodMs,
        () -> {
          if (closed) {
            return;
          }
          run(what, task, failing);
          next(periodMs, what, task, failing);
        });
  }

  private void run(String what, Runnable task, AtomicBoolean failing) {
    try {
      task.run();
      if (failing.compareAndSet(true, false)) {
        LOG.info("{} works again", what);
      }
    } catch (RuntimeException e) {
      counters.backgroundErrors.increment();
      if (failing.compareAndSet(false, true)) {
        LOG.warn("{} failed: {}; trying again at the next turn", what, e.getMessage(), e);
      }
    }
  }
}
