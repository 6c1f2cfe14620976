package io.escrowmq.storage.rocksdb;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a store does by itself now and then: watch the disk, compact, expire. */
final class Housekeeping implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final long WATCH_MS = 500;
  private static final long CLOSE_PATIENCE_SECONDS = 60;

  private final ScheduledExecutorService worker =
      Executors.newScheduledThreadPool(
          3, Thread.ofPlatform().daemon().name("rocksdb-keeper-", 0).factory());
  private final DiskPressure pressure;
  private final Runnable syncWritten;
  private final Compaction compaction;

  Housekeeping(DiskPressure pressure, Runnable syncWritten, Compaction compaction) {
    this.pressure = pressure;
    this.syncWritten = syncWritten;
    this.compaction = compaction;
  }

  /** Starts. An interval of 0 leaves retention to {@code retain()}. */
  void start(Runnable retention, long retentionIntervalMs) {
    var _ = worker.scheduleWithFixedDelay(this::watch, WATCH_MS, WATCH_MS, TimeUnit.MILLISECONDS);
    var _ = worker.scheduleWithFixedDelay(this::compact, WATCH_MS, WATCH_MS, TimeUnit.MILLISECONDS);
    if (retentionIntervalMs > 0) {
      var _ =
          worker.scheduleWithFixedDelay(
              retention, retentionIntervalMs, retentionIntervalMs, TimeUnit.MILLISECONDS);
    }
  }

  /** Stops and waits for what is running. */
  @Override
  public void close() {
    worker.shutdown();
    try {
      if (!worker.awaitTermination(CLOSE_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("housekeeping did not stop within {} s", CLOSE_PATIENCE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void compact() {
    try {
      compaction.runIfDue();
    } catch (RuntimeException e) {
      LOG.error("compacting failed", e);
    }
  }

  private void watch() {
    try {
      syncWritten.run();
      pressure.look();
    } catch (IOException e) {
      LOG.warn("cannot look at the file system: {}", e.toString());
    } catch (RuntimeException e) {
      LOG.error("watching the disk failed", e);
    }
  }
}
