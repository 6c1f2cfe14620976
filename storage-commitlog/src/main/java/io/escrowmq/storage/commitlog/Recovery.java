package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.storage.commitlog.log.Frame;
import io.escrowmq.storage.commitlog.log.LogScanner;
import io.escrowmq.storage.commitlog.log.Op;
import io.escrowmq.storage.commitlog.log.Segments;
import io.escrowmq.storage.commitlog.views.Effect;
import io.escrowmq.storage.commitlog.views.Views;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the views to the end of the log: replays every frame after the last checkpoint through the
 * same decisions as live traffic. Cuts a torn tail, and refuses to open over damage to data that
 * was acknowledged.
 */
final class Recovery {

  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final long APPLY_BYTES = 4L << 20;

  private final Segments segments;
  private final Views views;
  private final Decider decider;
  private final long durableMark;
  private long storeTimeMs;
  private long frames;
  private long appliedTo;

  Recovery(Segments segments, Views views, Decider decider, long durableMark) {
    this.segments = segments;
    this.views = views;
    this.decider = decider;
    this.durableMark = durableMark;
  }

  /**
   * Where the log ends and what the views reflect.
   *
   * @param end position of the next frame
   * @param storeTimeMs store time of the last frame
   * @param frames number of frames replayed
   */
  record Recovered(long end, long storeTimeMs, long frames) {}

  /**
   * Replays.
   *
   * @throws StorageException.Corrupt if acknowledged data is damaged or missing
   */
  Recovered run() throws IOException {
    Views.Checkpoint checkpoint = views.lastCheckpoint();
    long from = start(checkpoint);
    storeTimeMs = checkpoint.storeTimeMs();
    appliedTo = from;
    LogScanner scanner = new LogScanner(segments, from);
    scanner.scan(Long.MAX_VALUE, this::replay);
    long number = decider.begin(storeTimeMs, scanner.position());
    views.publish();
    decider.applied(number);
    long end = scanner.position();
    long durable = Math.max(checkpoint.position(), durableMark);
    if (end < durable) {
      throw scanner.damage();
    }
    if (end != checkpoint.position() || durableMark != end) {
      makeSafe(scanner, durable);
    }
    if (frames > 0) {
      LOG.info("replayed {} frames, {} bytes of log", frames, end - from);
    }
    return new Recovered(end, storeTimeMs, frames);
  }

  /** Cuts a torn tail, and makes sure that what was replayed is on the device. */
  private static void makeSafe(LogScanner scanner, long durable) throws IOException {
    LogScanner.Remainder rest = scanner.remainder();
    if (scanner.position() < rest.provenDurable()) {
      throw scanner.damage();
    }
    scanner.rewrite(durable);
    if (rest.damaged()) {
      LOG.warn("cut an unfinished write after log position {}", scanner.position());
      scanner.cut();
    }
  }

  private long start(Views.Checkpoint checkpoint) {
    if (checkpoint.storeId() == 0) {
      if (segments.first().base() != 0) {
        throw new StorageException.Corrupt(
            "the views are missing, and the log no longer begins at its start");
      }
      return segments.first().firstFrame();
    }
    if (checkpoint.storeId() != segments.storeId()) {
      throw new StorageException.Corrupt("the views and the log belong to different stores");
    }
    if (checkpoint.position() > segments.last().end()) {
      throw new StorageException.Corrupt(
          "the log ends at "
              + segments.last().end()
              + ", the last checkpoint was at "
              + checkpoint.position());
    }
    return checkpoint.position();
  }

  private void replay(Frame frame) {
    if (frame.pad()) {
      return;
    }
    storeTimeMs = Math.max(storeTimeMs, frame.storeTimeMs());
    long number = decider.begin(frame.storeTimeMs(), frame.position());
    for (int i = 0; i < frame.ops().size(); i++) {
      Frame.Decision recorded = frame.decisions().get(i);
      if (recorded.outcomeCode() == Outcomes.APPLIED) {
        replay(frame, frame.ops().get(i), recorded);
      }
    }
    frames++;
    if (frame.end() - appliedTo >= APPLY_BYTES) {
      views.publish();
      decider.applied(number);
      appliedTo = frame.end();
    }
  }

  private void replay(Frame frame, Op op, Frame.Decision recorded) {
    Decider.Step step = decider.replay(op);
    long offset = Math.max(step.outcome().queueOffset(), 0);
    if (step.effect().isEmpty() || offset != recorded.queueOffset()) {
      throw new StorageException.Corrupt(
          "the frame at log position "
              + frame.position()
              + " does not follow from what is before it: "
              + op);
    }
    Effect effect = step.effect().get();
    views.stage(effect);
  }
}
