package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.storage.commitlog.log.LogTail;
import io.escrowmq.storage.commitlog.log.LogWriter;
import io.escrowmq.storage.commitlog.log.RecordReader;
import io.escrowmq.storage.commitlog.log.Ring;
import io.escrowmq.storage.commitlog.log.Signal;
import io.escrowmq.storage.commitlog.views.Views;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/** The parts of an open store, put together and taken apart in the right order. */
final class Engine implements AutoCloseable {

  private final Resources opened = new Resources();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Views views;
  private final RecordReader records;
  private final Ring<Submission> ring;
  private final AdmissionControl admission;
  private final EngineThread thread;
  private final Intake intake;
  private final CommitLogReader log;
  private final CommitLogMaintenance maintenance;
  private final Housekeeping housekeeping;

  private Engine(StorageSettings settings, StorageContext context) throws IOException {
    CommitLogOptions options = CommitLogOptions.of(settings.options());
    Signal signal = new Signal();
    try {
      RecoveredLog files = RecoveredLog.open(settings, context, options, signal, opened);
      views = files.views();
      records = new RecordReader(files.segments());
      ring = new Ring<>(options.ringBytes(), Submission.PADDING);
      long end = files.end().end();
      LogWriter writer =
          opened.add(new LogWriter(ring, files.mark(), end, options.groupBytes(), signal::raise));
      Listeners listeners = new Listeners();
      Committer committer = new Committer(writer, views, files.decider(), listeners, end);
      admission = new AdmissionControl(files.pressure(), writer);
      LogTail tail = new LogTail(files.segments(), files.supply(), end, options.segmentBytes());
      long storeId = files.segments().storeId();
      Sequencer sequencer =
          new Sequencer(
              new Sequencer.Parts(
                  ring,
                  tail,
                  writer,
                  files.decider(),
                  committer,
                  admission,
                  context.time(),
                  storeId),
              files.end().storeTimeMs());
      thread =
          new EngineThread(
              new EngineThread.Parts(
                  sequencer,
                  committer,
                  writer,
                  views,
                  admission,
                  options,
                  context.time(),
                  signal,
                  storeId));
      intake = new Intake(ring, signal, writer, admission, settings.durability());
      log = new CommitLogReader(views.queues(), records, listeners, admission);
      Retention retention = retention(files, committer, settings, context);
      maintenance = maintenance(files, writer, committer, retention);
      housekeeping = new Housekeeping(writer, files.pressure());
      writer.start();
      thread.start();
      housekeeping.start(maintenance::retainQuietly, options.retentionIntervalMs());
    } catch (IOException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  /** Opens everything and recovers. */
  static Engine open(StorageSettings settings, StorageContext context) {
    try {
      return new Engine(settings, context);
    } catch (IOException e) {
      throw new StorageException.Unavailable(
          StorageException.Kind.FATAL,
          "cannot open the store in " + settings.directory() + ": " + e,
          "Check that the directory exists, is writable and has room.",
          e);
    }
  }

  Views views() {
    return views;
  }

  AdmissionControl admission() {
    return admission;
  }

  RecordReader records() {
    return records;
  }

  Intake intake() {
    return intake;
  }

  CommitLogReader log() {
    return log;
  }

  CommitLogMaintenance maintenance() {
    return maintenance;
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    housekeeping.close();
    ring.stopClaims();
    thread.close();
    admission.close();
    opened.close();
  }

  private CommitLogMaintenance maintenance(
      RecoveredLog files, LogWriter writer, Committer committer, Retention retention) {
    return new CommitLogMaintenance(
        new CommitLogMaintenance.Parts(
            files.segments(),
            views,
            writer,
            committer,
            ring,
            thread,
            admission,
            files.pressure(),
            retention));
  }

  private Retention retention(
      RecoveredLog files, Committer committer, StorageSettings settings, StorageContext context) {
    return new Retention(
        new Retention.Parts(
            files.segments(),
            records,
            views.expiry(),
            thread,
            committer,
            intake,
            files.pressure(),
            context.time()),
        settings.retention(),
        settings.decisionRetention().toMillis());
  }
}
