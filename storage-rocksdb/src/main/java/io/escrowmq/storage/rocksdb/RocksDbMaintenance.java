package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Care of an open store. Thread-safe. */
final class RocksDbMaintenance implements Maintenance {

  private static final Logger LOG = LoggerFactory.getLogger(RocksDbMaintenance.class);

  private final Database database;
  private final Committer committer;
  private final Intake intake;
  private final AdmissionControl admission;
  private final DiskPressure pressure;
  private final Retention retention;
  private final ReentrantLock oneAtATime = new ReentrantLock();

  RocksDbMaintenance(
      Database database,
      Committer committer,
      Intake intake,
      AdmissionControl admission,
      DiskPressure pressure,
      Retention retention) {
    this.database = database;
    this.committer = committer;
    this.intake = intake;
    this.admission = admission;
    this.pressure = pressure;
    this.retention = retention;
  }

  @Override
  public void retain() {
    admission.checkOpen();
    oneAtATime.lock();
    try {
      retention.run();
    } finally {
      oneAtATime.unlock();
    }
  }

  /** {@link #retain()} in the background: a failure is logged and tried again next time. */
  void retainQuietly() {
    try {
      if (admission.failure().isEmpty()) {
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
    admission.checkOpen();
    database.flush();
  }

  @Override
  public Verification verify() {
    admission.checkOpen();
    database.verifyFiles();
    long[] figures = new long[2];
    for (Bucket bucket : database.buckets()) {
      database.scanUncached(
          bucket,
          new byte[] {Keys.MESSAGE},
          (key, value) -> {
            admission.checkOpen();
            if (key[0] != Keys.MESSAGE) {
              return false;
            }
            check(bucket, key, value);
            figures[0]++;
            figures[1] += value.length;
            return true;
          });
    }
    return new Verification(figures[0], figures[1]);
  }

  @Override
  public Map<String, Long> statistics() {
    admission.checkOpen();
    Map<String, Long> figures = new HashMap<>(database.statistics());
    long messages = 0;
    long bytes = 0;
    for (Bucket bucket : database.buckets()) {
      messages += bucket.figures().messages();
      bytes += bucket.figures().bytes();
    }
    figures.put("messages", messages);
    figures.put("messages-bytes", bytes);
    figures.put("holds", HoldCounts.read(database).values().stream().mapToLong(n -> n).sum());
    figures.put("groups", committer.counters().groups());
    figures.put("syncs", committer.counters().syncs());
    figures.put("batches", committer.counters().batches());
    figures.put("pending-bytes", intake.pendingBytes());
    figures.put("disk-used-percent", (long) pressure.usedPercent());
    return figures;
  }

  @Override
  public StorageHealth health() {
    return admission.health();
  }

  /** The library compared its blocks; this compares what the client sent. */
  private static void check(Bucket bucket, byte[] key, byte[] value) {
    String what = "message " + Keys.offsetOfMessage(key) + " in bucket " + bucket.ordinal();
    try {
      Message message = Message.wrap(ByteBuffer.wrap(value));
      boolean isRight =
          message.queueOffset() == Keys.offsetOfMessage(key)
              && message.bodyCrc() == Message.crcOf(message.body());
      if (!isRight) {
        throw new StorageException.Corrupt(what + " does not match its checksum");
      }
    } catch (IllegalArgumentException e) {
      throw new StorageException.Corrupt(what + " is not a message", e);
    }
  }
}
