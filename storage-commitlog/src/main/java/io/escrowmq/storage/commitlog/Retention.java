package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.storage.commitlog.log.DiskPressure;
import io.escrowmq.storage.commitlog.log.Frame;
import io.escrowmq.storage.commitlog.log.LogScanner;
import io.escrowmq.storage.commitlog.log.Op;
import io.escrowmq.storage.commitlog.log.RecordReader;
import io.escrowmq.storage.commitlog.log.Segment;
import io.escrowmq.storage.commitlog.log.Segments;
import io.escrowmq.storage.commitlog.views.BodyRef;
import io.escrowmq.storage.commitlog.views.Expiry;
import io.escrowmq.storage.commitlog.views.QueueState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the oldest segments. What is still needed of them (bodies of live holds, and of messages
 * that were released lately) is copied to the end of the log first; queues begin later; and only
 * when a checkpoint says all that do the files go. One run at a time.
 */
final class Retention {

  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final int MOVES_IN_FLIGHT = 64;
  private static final int DECISIONS_PER_STEP = 1000;

  private final Parts parts;
  private final RetentionPolicy policy;
  private final long decisionRetentionMs;

  /** What retention works with. */
  record Parts(
      Segments segments,
      RecordReader records,
      Expiry expiry,
      EngineThread thread,
      Committer committer,
      Intake intake,
      DiskPressure pressure,
      TimeSource time) {}

  Retention(Parts parts, RetentionPolicy policy, long decisionRetentionMs) {
    this.parts = parts;
    this.policy = policy;
    this.decisionRetentionMs = decisionRetentionMs;
  }

  /** Forgets what may be forgotten now. */
  void run() throws IOException {
    forgetDecisions();
    List<Segment> victims = victims();
    if (victims.isEmpty()) {
      return;
    }
    long boundary = victims.getLast().end();
    int copied = 0;
    int moved = moveBodies(boundary);
    while (moved > 0) {
      copied += moved;
      moved = moveBodies(boundary);
    }
    Map<QueueState, Long> minimums = parts.expiry().minimums(boundary);
    long firstTimeMs = firstTime(parts.segments().at(boundary)).orElse(0L);
    boolean safe =
        parts
            .thread()
            .call(() -> {
              parts.expiry().apply(minimums, boundary, firstTimeMs);
              return parts.thread().checkpointNow(true);
            });
    if (!safe) {
      return;
    }
    for (Segment victim : victims) {
      parts.segments().delete(victim);
    }
    LOG.info(
        "deleted {} segments up to log position {}, copied {} live bodies forward",
        victims.size(),
        boundary,
        copied);
  }

  private void forgetDecisions() {
    long before = parts.time().nowMs() - decisionRetentionMs;
    boolean more = true;
    while (more) {
      more = parts.thread().call(() -> parts.expiry().forgetDecisions(before, DECISIONS_PER_STEP));
    }
  }

  /** The longest run of oldest segments that may go. The active one never does. */
  private List<Segment> victims() throws IOException {
    List<Segment> candidates = new ArrayList<>(parts.segments().all());
    long applied = parts.committer().applied();
    long size = Math.max(applied - candidates.getFirst().base(), 0);
    boolean pressed = parts.pressure().level() != DiskPressure.Level.NORMAL;
    List<Segment> victims = new ArrayList<>();
    for (int i = 0; i + 1 < candidates.size(); i++) {
      Segment candidate = candidates.get(i);
      if (candidate.end() >= applied) {
        break;
      }
      boolean early = pressed && i == 0;
      if (!early && size <= policy.maxBytes() && !isOld(candidates.get(i + 1))) {
        break;
      }
      victims.add(candidate);
      size -= candidate.end() - candidate.base();
    }
    return victims;
  }

  /** Nothing before this segment is younger than its first frame. */
  private boolean isOld(Segment next) throws IOException {
    Optional<Long> firstMs = firstTime(Optional.of(next));
    long now = parts.time().nowMs();
    return firstMs.isPresent() && now - firstMs.get() > policy.maxAge().toMillis();
  }

  private Optional<Long> firstTime(Optional<Segment> segment) throws IOException {
    if (segment.isEmpty()) {
      return Optional.empty();
    }
    Frame first = LogScanner.firstFrame(parts.segments(), segment.get());
    return first == null ? Optional.empty() : Optional.of(first.storeTimeMs());
  }

  /** Copies every body that lies before the boundary and is still needed; returns how many. */
  private int moveBodies(long boundary) {
    List<CompletableFuture<WriteReceipt>> pending = new ArrayList<>();
    int[] moved = new int[1];
    parts
        .expiry()
        .heldBefore(
            boundary,
            (id, body) -> {
              moved[0] += move(moveHeld(id, body), body, pending);
            });
    parts
        .expiry()
        .releasedBefore(
            boundary,
            (uid, offset, body) -> {
              Op op = new Op.MoveVisible(0, body.position(), uid, offset, noBody());
              moved[0] += move(op, body, pending);
            });
    await(pending);
    return moved[0];
  }

  private static Op moveHeld(HoldId id, BodyRef body) {
    return new Op.MoveHeld(0, body.position(), id, noBody());
  }

  private static Op.Body noBody() {
    return new Op.Body(0, 0);
  }

  private int move(Op op, BodyRef body, List<CompletableFuture<WriteReceipt>> pending) {
    Message message =
        parts
            .records()
            .message(body.position(), body.offset(), body.size())
            .map(Message::wrap)
            .orElseThrow(() ->
                new StorageException.Corrupt(
                    "the log has no bytes at position " + body.position() + " for " + op));
    CompletableFuture<WriteReceipt> receipt = new CompletableFuture<>();
    parts.intake().submitMove(op, message, receipt);
    pending.add(receipt);
    if (pending.size() >= MOVES_IN_FLIGHT) {
      await(pending);
    }
    return 1;
  }

  private static void await(List<CompletableFuture<WriteReceipt>> pending) {
    try {
      pending.forEach(CompletableFuture::join);
    } catch (CompletionException e) {
      throw e.getCause() instanceof StorageException cause ? cause : e;
    }
    pending.clear();
  }
}
