package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares the next segment in the background, so that the write path never extends a file and
 * never meets a full disk. A failed preparation is tried again until it succeeds. Thread-safe.
 */
public final class SegmentSupply implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SegmentSupply.class);
  private static final long RETRY_NANOS = 100_000_000;
  private static final long CLOSE_PATIENCE_SECONDS = 60;

  private final Segments segments;
  private final TimeSource time;
  private final DiskPressure pressure;
  private final Runnable onChange;
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("commitlog-segments").factory());
  private @Nullable Segment ready;
  private @Nullable StorageException failure;
  private boolean busy;
  private boolean closed;

  /**
   * A supply that prepares nothing yet.
   *
   * @param onChange called after each success or failure
   */
  public SegmentSupply(
      Segments segments, TimeSource time, DiskPressure pressure, Runnable onChange) {
    this.segments = segments;
    this.time = time;
    this.pressure = pressure;
    this.onChange = onChange;
  }

  /** Creates a segment on the caller's thread: the first one of a store. */
  public Segment createNow(long base, long capacity) throws IOException {
    return segments.create(base, capacity, time.nowMs());
  }

  /** Begins to prepare a segment unless one is ready or being prepared. */
  public synchronized void request(long base, long capacity) {
    if (ready == null && !busy && !closed) {
      busy = true;
      worker.execute(() -> prepare(base, capacity));
    }
  }

  /**
   * Takes the prepared segment if it is big enough; a smaller one is replaced.
   *
   * @return null if there is none yet: look at {@link #failure()}
   */
  public synchronized @Nullable Segment take(long base, long capacity) {
    Segment taken = ready;
    if (taken != null && taken.end() - taken.base() < capacity) {
      ready = null;
      busy = true;
      worker.execute(() -> replace(taken, base, capacity));
      return null;
    }
    ready = null;
    if (taken == null) {
      request(base, capacity);
    }
    return taken;
  }

  /** Why the next segment cannot be prepared, as of the last attempt. */
  public synchronized Optional<StorageException> failure() {
    return Optional.ofNullable(failure);
  }

  /** True while a segment is prepared and waiting. */
  public synchronized boolean isReady() {
    return ready != null;
  }

  /** Stops preparing. A prepared segment is closed and kept for the next start. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    worker.shutdownNow();
    try {
      if (!worker.awaitTermination(CLOSE_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("preparing a segment did not stop within {} s", CLOSE_PATIENCE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      Segment left = ready;
      ready = null;
      if (left != null) {
        left.release();
      }
    }
  }

  private void replace(Segment small, long base, long capacity) {
    try {
      segments.discard(small);
    } catch (IOException e) {
      LOG.warn("cannot delete the unused segment {}", small.path(), e);
    }
    prepare(base, capacity);
  }

  /** Tries until it succeeds or the supply is closed. */
  private void prepare(long base, long capacity) {
    while (!isClosed()) {
      StorageException problem;
      try {
        pressure.checkNewSegment(capacity);
        finished(segments.create(base, capacity, time.nowMs()));
        return;
      } catch (StorageException.Full e) {
        problem = e;
      } catch (IOException e) {
        problem = pressure.explain(e, capacity);
      }
      failed(problem);
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void finished(Segment segment) {
    synchronized (this) {
      busy = false;
      if (failure != null) {
        LOG.info("segment {} is prepared: there is room again", segment.path());
      }
      failure = null;
      if (closed) {
        segment.release();
      } else {
        ready = segment;
      }
    }
    onChange.run();
  }

  private void failed(StorageException problem) {
    synchronized (this) {
      if (closed) {
        return;
      }
      if (failure == null) {
        LOG.warn("cannot prepare the next segment: {} {}", problem.getMessage(), problem.remedy());
      }
      failure = problem;
    }
    onChange.run();
    LockSupport.parkNanos(this, RETRY_NANOS);
  }
}
