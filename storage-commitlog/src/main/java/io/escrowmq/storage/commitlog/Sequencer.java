package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.storage.commitlog.log.FrameSealer;
import io.escrowmq.storage.commitlog.log.LogTail;
import io.escrowmq.storage.commitlog.log.LogWriter;
import io.escrowmq.storage.commitlog.log.LogWriter.Piece;
import io.escrowmq.storage.commitlog.log.Op;
import io.escrowmq.storage.commitlog.log.Ring;
import io.escrowmq.storage.commitlog.log.Segment;
import io.escrowmq.storage.commitlog.views.Effect;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes batches from the ring in claim order, decides and stamps them, and passes their frames to
 * the writer. Its caller is the one engine thread.
 */
final class Sequencer {

  /** The writer is woken after a round: a long one would leave the device idle meanwhile. */
  private static final int MOST_PER_ROUND = 128;

  private final Ring<Submission> ring;
  private final LogTail tail;
  private final LogWriter writer;
  private final Decider decider;
  private final Committer committer;
  private final TimeSource time;
  private final FrameSealer ringSealer;
  private final AdmissionControl admission;
  private long storeTimeMs;
  private long handedOver;
  private long end;
  private long required;

  /** What a sequencer works with. */
  record Parts(
      Ring<Submission> ring,
      LogTail tail,
      LogWriter writer,
      Decider decider,
      Committer committer,
      AdmissionControl admission,
      TimeSource time,
      long storeId) {}

  Sequencer(Parts parts, long storeTimeMs) {
    this.ring = parts.ring();
    this.tail = parts.tail();
    this.writer = parts.writer();
    this.decider = parts.decider();
    this.committer = parts.committer();
    this.admission = parts.admission();
    this.time = parts.time();
    this.ringSealer = new FrameSealer(ring.view(), parts.storeId());
    this.storeTimeMs = storeTimeMs;
    this.end = writer.written();
  }

  /** Store time of the last frame, milliseconds since the epoch. */
  long storeTimeMs() {
    return storeTimeMs;
  }

  /** True if something is waiting that can be taken now. */
  boolean hasWork() {
    return ring.peek() != null && !admission.isWaitingForRoom();
  }

  /** True once the ring was closed and everything in it taken. */
  boolean isDrained() {
    return ring.isDrained();
  }

  /** Takes what is ready; false if there was nothing to do. */
  boolean takeReady() {
    storeTimeMs = Math.max(storeTimeMs, time.nowMs());
    noteRoom();
    int taken = 0;
    Submission next = ring.peek();
    while (next != null && taken < MOST_PER_ROUND && take(next)) {
      taken++;
      next = ring.peek();
    }
    if (handedOver < ring.head()) {
      submit(tail.active(), tail.position(), null, 0, 0, false);
    }
    writer.wake();
    return taken > 0;
  }

  /** A small batch that still fits does not mean that the log can grow again. */
  private void noteRoom() {
    if (admission.isImpeded() && tail.failure().isEmpty()) {
      admission.roomAgain();
    }
  }

  /** False if there is no room in the log yet. */
  private boolean take(Submission next) {
    Optional<StorageException> failure = writer.failure();
    if (failure.isPresent()) {
      drop(next, failure.get());
      return true;
    }
    if (next.isEmpty()) {
      ring.advance(next.claimBytes());
      return true;
    }
    try {
      if (!tail.hasRoom(next.frameBytes()) && !roll(next.frameBytes())) {
        return noRoom(next);
      }
      noteRoom();
      decide(next);
    } catch (StorageException.Fenced fenced) {
      drop(next, fenced);
    }
    return true;
  }

  private boolean roll(int frameBytes) {
    try {
      return tail.roll(
          frameBytes,
          storeTimeMs,
          (segment, position, frame) ->
              submit(segment, position, frame, 0, frame.capacity(), true));
    } catch (IOException e) {
      throw new StorageException.Unavailable(
          StorageException.Kind.RETRIABLE,
          "cannot replace a segment: " + e.getMessage(),
          "Check the device that holds the data directory.",
          e);
    }
  }

  private boolean noRoom(Submission next) {
    Optional<StorageException> reason = tail.failure();
    admission.waitForRoom(reason);
    reason.ifPresent(why -> drop(next, why));
    return reason.isPresent();
  }

  private void drop(Submission dropped, StorageException why) {
    ring.advance(dropped.claimBytes());
    committer.add(Pending.failed(dropped.receipt(), why, end, required));
  }

  private void decide(Submission batch) {
    long position = tail.position();
    long number = decider.begin(storeTimeMs, position);
    Optional<List<Outcome>> rejected = decider.judge(batch.mutations());
    if (rejected.isPresent()) {
      ring.advance(batch.claimBytes());
      WriteReceipt receipt = new WriteReceipt(false, storeTimeMs, rejected.get());
      committer.add(Pending.done(batch.receipt(), receipt, List.of(), number).at(end, required));
      return;
    }
    ByteBuffer external = batch.external();
    int frameAt = external == null ? ring.offset(ring.head()) : 0;
    FrameSealer sealer = external == null ? ringSealer : ringSealer.over(external.duplicate());
    List<Effect> effects = new ArrayList<>(batch.ops().size());
    List<Outcome> outcomes = decideOps(batch, sealer, frameAt, effects);
    boolean stored = !effects.isEmpty();
    ring.advance(batch.claimBytes());
    if (stored) {
      sealer.seal(frameAt, batch.ops().size(), position, frameTimeMs(batch), writer.durable());
      submit(tail.active(), position, external, frameAt, batch.frameBytes(), batch.sync());
      tail.advance(batch.frameBytes());
      end = tail.position();
      required = batch.sync() ? end : required;
    }
    WriteReceipt receipt = new WriteReceipt(true, storeTimeMs, outcomes);
    committer.add(Pending.done(batch.receipt(), receipt, effects, number).at(end, required));
  }

  /**
   * The time in the frame's header. A frame of nothing but messages of another store is as old as
   * they are, so that retention finds its segment old enough when they are.
   */
  private long frameTimeMs(Submission batch) {
    return batch.ops().getFirst() instanceof Op.Restored
            && batch.ops().getLast() instanceof Op.Restored last
            && batch.ops().stream().allMatch(Op.Restored.class::isInstance)
        ? last.storeTimeMs()
        : storeTimeMs;
  }

  /** Decides the records in order; the outcomes are one per mutation. */
  private List<Outcome> decideOps(
      Submission batch, FrameSealer sealer, int frameAt, List<Effect> effects) {
    List<Outcome> outcomes = new ArrayList<>(Math.max(batch.mutations().size(), 1));
    List<Op> ops = batch.ops();
    int mutation = 0;
    for (int i = 0; i < ops.size(); i++) {
      mutation = Outcomes.skipPreconditions(batch.mutations(), mutation, outcomes);
      Decider.Step step = decider.decide(ops.get(i));
      outcomes.add(step.outcome());
      mutation++;
      long offset = Math.max(step.outcome().queueOffset(), 0);
      int code = step.effect().isPresent() ? Outcomes.APPLIED : Outcomes.NO_EFFECT;
      sealer.decide(frameAt, i, code, offset);
      stamp(sealer, frameAt, ops.get(i), step);
      step.effect().ifPresent(effects::add);
    }
    Outcomes.skipPreconditions(batch.mutations(), mutation, outcomes);
    return outcomes;
  }

  private void stamp(FrameSealer sealer, int frameAt, Op op, Decider.Step step) {
    if (op instanceof Op.Append) {
      sealer.stampAppend(
          frameAt + op.recordAt(),
          step.outcome().queueOffset(),
          step.outcome().position(),
          storeTimeMs);
    } else if (op instanceof Op.Restored) {
      sealer.stampRestored(
          frameAt + op.recordAt(), step.outcome().queueOffset(), step.outcome().position());
    } else if (op instanceof Op.Release) {
      long uid =
          step.effect().orElse(null) instanceof Effect.Released released
              ? released.visible().queue().uid()
              : 0;
      sealer.stampRelease(frameAt + op.recordAt(), uid, step.outcome().queueOffset());
    }
  }

  private void submit(
      Segment segment,
      long position,
      @Nullable ByteBuffer external,
      int offset,
      int length,
      boolean sync) {
    handedOver = ring.head();
    writer.submit(new Piece(segment, position, external, offset, length, handedOver, sync));
  }
}
