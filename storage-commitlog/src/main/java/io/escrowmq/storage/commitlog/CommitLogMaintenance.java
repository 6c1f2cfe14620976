package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.storage.commitlog.log.DiskPressure;
import io.escrowmq.storage.commitlog.log.LogScanner;
import io.escrowmq.storage.commitlog.log.LogWriter;
import io.escrowmq.storage.commitlog.log.Ring;
import io.escrowmq.storage.commitlog.log.Segments;
import io.escrowmq.storage.commitlog.views.Views;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Care of an open store. Thread-safe. */
final class CommitLogMaintenance implements Maintenance {

  private static final Logger LOG = LoggerFactory.getLogger(CommitLogMaintenance.class);

  private final Parts parts;
  private final ReentrantLock oneAtATime = new ReentrantLock();

  /** What maintenance works with. */
  record Parts(
      Segments segments,
      Views views,
      LogWriter writer,
      Committer committer,
      Ring<Submission> ring,
      EngineThread thread,
      AdmissionControl admission,
      DiskPressure pressure,
      Retention retention) {}

  CommitLogMaintenance(Parts parts) {
    this.parts = parts;
  }

  @Override
  public void retain() {
    parts.admission().checkOpen();
    oneAtATime.lock();
    try {
      parts.retention().run();
    } catch (IOException e) {
      throw unreadable("expiring old segments", e);
    } finally {
      oneAtATime.unlock();
    }
  }

  /** {@link #retain()} in the background: a failure is logged and tried again next time. */
  void retainQuietly() {
    try {
      if (parts.writer().failure().isEmpty()) {
        retain();
      }
    } catch (StorageException.Closed e) {
      LOG.debug("retention stopped: the store is closing");
    } catch (RuntimeException e) {
      LOG.warn("retention failed, it will be tried again", e);
    }
  }

  @Override
  public void checkpoint() {
    parts.admission().checkOpen();
    parts.thread().call(() -> parts.thread().checkpointNow(true));
  }

  @Override
  public Verification verify() {
    parts.admission().checkOpen();
    oneAtATime.lock();
    try {
      return readBack();
    } finally {
      oneAtATime.unlock();
    }
  }

  private Verification readBack() {
    long[] records = new long[1];
    long from = parts.segments().first().firstFrame();
    long end = parts.committer().applied();
    LogScanner scanner = new LogScanner(parts.segments(), from);
    try {
      if (!scanner.scan(end, frame -> records[0] += frame.ops().size())) {
        throw scanner.damage();
      }
    } catch (IOException e) {
      throw unreadable("reading the log at " + scanner.position(), e);
    }
    return new Verification(records[0], Math.max(end - from, 0));
  }

  @Override
  public Map<String, Long> statistics() {
    parts.admission().checkOpen();
    Map<String, Long> figures = new HashMap<>(parts.views().statistics());
    Segments segments = parts.segments();
    figures.put("log-bytes", segments.last().end() - segments.first().base());
    figures.put("segments", (long) segments.all().size());
    figures.put("durable-position", parts.writer().durable());
    figures.put("applied-position", parts.committer().applied());
    figures.put("checkpoint-position", parts.thread().checkpointed());
    figures.put("syncs", parts.writer().syncs());
    figures.put("batches", parts.committer().batches());
    figures.put("ring-used-bytes", parts.ring().usedBytes());
    figures.put("disk-used-percent", (long) parts.pressure().usedPercent());
    return figures;
  }

  @Override
  public StorageHealth health() {
    return parts.admission().health();
  }

  private static StorageException unreadable(String doing, IOException e) {
    return new StorageException.Unavailable(
        StorageException.Kind.RETRIABLE,
        doing + " failed: " + e.getMessage(),
        "Check the device that holds the data directory.",
        e);
  }
}
