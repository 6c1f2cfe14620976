package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.storage.commitlog.log.DirectoryLock;
import io.escrowmq.storage.commitlog.log.DiskPressure;
import io.escrowmq.storage.commitlog.log.DurableMark;
import io.escrowmq.storage.commitlog.log.LogTail;
import io.escrowmq.storage.commitlog.log.LogWriter;
import io.escrowmq.storage.commitlog.log.RecordReader;
import io.escrowmq.storage.commitlog.log.Ring;
import io.escrowmq.storage.commitlog.log.Segment;
import io.escrowmq.storage.commitlog.log.SegmentSupply;
import io.escrowmq.storage.commitlog.log.Segments;
import io.escrowmq.storage.commitlog.log.Signal;
import io.escrowmq.storage.commitlog.views.Views;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of an open store, put together and taken apart in the right order. */
final class Engine implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Views views;
  private final RecordReader records;
  private final Ring<Submission> ring;
  private final AdmissionControl admission;
  private final EngineThread thread;
  private final Intake intake;
  private final CommitLogReader log;
  private final CommitLogMaintenance maintenance;

  private Engine(StorageSettings settings, StorageContext context) throws IOException {
    CommitLogOptions options = CommitLogOptions.of(settings.options());
    Path directory = settings.directory();
    Disk disk = context.disk();
    try {
      opened.push(DirectoryLock.take(directory));
      Segments segments = open(Segments.open(disk, directory.resolve("log")));
      DiskPressure pressure = new DiskPressure(disk, directory, options.disk());
      pressure.sample();
      Signal signal = new Signal();
      SegmentSupply supply =
          open(new SegmentSupply(segments, context.time(), pressure, signal::raise));
      if (segments.isEmpty()) {
        segments.add(supply.createNow(0, options.firstSegmentBytes()));
      }
      views = open(Views.open(directory.resolve("views"), at -> baseOf(segments, at)));
      records = new RecordReader(segments);
      Decider decider = new Decider(views, settings.decisionRetention().toMillis());
      DurableMark mark =
          new DurableMark(disk, directory.resolve("durable-mark"), segments.storeId());
      Recovery.Recovered recovered = new Recovery(segments, views, decider, mark.read()).run();
      ring = open(new Ring<>(options.ringBytes(), Submission.PADDING));
      LogWriter writer =
          open(new LogWriter(ring, mark, recovered.end(), options.groupBytes(), signal::raise));
      Listeners listeners = new Listeners();
      Committer committer = new Committer(writer, views, decider, listeners, recovered.end());
      admission = new AdmissionControl(pressure, writer);
      LogTail tail = new LogTail(segments, supply, recovered.end(), options.segmentBytes());
      Sequencer sequencer =
          new Sequencer(
              new Sequencer.Parts(
                  ring,
                  tail,
                  writer,
                  decider,
                  committer,
                  admission,
                  context.time(),
                  segments.storeId()),
              recovered.storeTimeMs());
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
                  segments.storeId()));
      intake = new Intake(ring, signal, admission, settings.durability());
      log = new CommitLogReader(views.queues(), records, listeners, admission);
      maintenance =
          new CommitLogMaintenance(
              new CommitLogMaintenance.Parts(
                  segments, views, writer, committer, ring, thread, admission, pressure));
      writer.start();
      thread.start();
    } catch (IOException | RuntimeException | Error e) {
      closeAll();
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
    maintenance.stop();
    ring.stopClaims();
    thread.close();
    admission.close();
    closeAll();
  }

  private static long baseOf(Segments segments, long position) {
    return segments.at(position).map(Segment::base).orElse(0L);
  }

  private <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  private void closeAll() {
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("closing {} failed", part, e);
      }
    }
  }
}
