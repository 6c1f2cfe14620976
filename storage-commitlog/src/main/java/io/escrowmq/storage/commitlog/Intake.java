package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.storage.commitlog.log.FrameEncoder;
import io.escrowmq.storage.commitlog.log.FrameLayout;
import io.escrowmq.storage.commitlog.log.FramePlan;
import io.escrowmq.storage.commitlog.log.LogWriter;
import io.escrowmq.storage.commitlog.log.Op;
import io.escrowmq.storage.commitlog.log.Ring;
import io.escrowmq.storage.commitlog.log.Signal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** The caller's half of a write: check, claim, encode, publish. Never blocks. Thread-safe. */
final class Intake {

  private static final long MOST_EXTERNAL_BYTES = 128L << 20;
  private static final Duration RETRY_AFTER = Duration.ofMillis(10);

  private final Ring<Submission> ring;
  private final Signal engine;
  private final LogWriter writer;
  private final AdmissionControl admission;
  private final Durability durability;
  private final AtomicLong externalBytes = new AtomicLong();

  /**
   * Writes by way of the ring.
   *
   * @param engine wakes the engine thread
   * @param writer wakes it too after each group: what arrives meanwhile is taken then, so that a
   *     busy server does not wake a thread for every message
   */
  Intake(
      Ring<Submission> ring,
      Signal engine,
      LogWriter writer,
      AdmissionControl admission,
      Durability durability) {
    this.ring = ring;
    this.engine = engine;
    this.writer = writer;
    this.admission = admission;
    this.durability = durability;
  }

  /**
   * Sends a batch on its way.
   *
   * @throws StorageException if it is refused: then nothing happened
   */
  void submit(WriteBatch batch, CompletableFuture<WriteReceipt> receipt) {
    FramePlan plan = new FramePlan(batch);
    if (batch.carriesMessages()) {
      admission.check();
    } else {
      admission.checkWritable();
    }
    Durability level = batch.durability().orElse(durability);
    if (level == Durability.REPLICATED) {
      throw new IllegalArgumentException("the commitlog engine has no replicas");
    }
    boolean sync = level != Durability.WRITTEN;
    if (plan.frameBytes() > ring.maxClaimBytes()) {
      submitExternal(plan, receipt, sync);
      return;
    }
    long claim = claim(plan.frameBytes());
    Submission submission = Submission.empty(receipt, plan.frameBytes());
    try {
      FrameEncoder encoder = new FrameEncoder(ring.view(), ring.offset(claim));
      List<Op> ops = encoder.encode(plan);
      submission =
          new Submission(
              receipt, batch.mutations(), ops, plan.frameBytes(), plan.frameBytes(), null, sync);
    } finally {
      publish(claim, submission);
    }
  }

  /** Copies a message's body to the end of the log; the receipt says whether it still mattered. */
  void submitMove(Op move, Message body, CompletableFuture<WriteReceipt> receipt) {
    admission.checkWritable();
    int frameBytes = FrameEncoder.moveFrameBytes(body);
    reserveExternal(frameBytes, receipt);
    ByteBuffer frame = ByteBuffer.allocateDirect(frameBytes);
    List<Op> ops = new FrameEncoder(frame, 0).encodeMove(move, body);
    publishExternal(receipt, List.of(), ops, frame, true);
  }

  private void submitExternal(
      FramePlan plan, CompletableFuture<WriteReceipt> receipt, boolean sync) {
    reserveExternal(plan.frameBytes(), receipt);
    ByteBuffer frame = ByteBuffer.allocateDirect(plan.frameBytes());
    List<Op> ops = new FrameEncoder(frame, 0).encode(plan);
    publishExternal(receipt, plan.mutations(), ops, frame, sync);
  }

  private void publishExternal(
      CompletableFuture<WriteReceipt> receipt,
      List<Mutation> mutations,
      List<Op> ops,
      ByteBuffer frame,
      boolean sync) {
    long claim = claim(FrameLayout.ALIGNMENT);
    publish(
        claim,
        new Submission(
            receipt, mutations, ops, FrameLayout.ALIGNMENT, frame.capacity(), frame, sync));
  }

  private void reserveExternal(int bytes, CompletableFuture<WriteReceipt> receipt) {
    if (externalBytes.addAndGet(bytes) > MOST_EXTERNAL_BYTES) {
      externalBytes.addAndGet(-bytes);
      throw overloaded("too many large batches are in flight");
    }
    var _ = receipt.whenComplete((answer, failure) -> externalBytes.addAndGet(-bytes));
  }

  private long claim(int bytes) {
    long claim = ring.claim(bytes);
    if (claim == Ring.NO_ROOM) {
      throw overloaded("the write ring is full");
    }
    if (claim == Ring.CLOSED) {
      throw new StorageException.Closed();
    }
    return claim;
  }

  private void publish(long claim, Submission submission) {
    ring.publish(claim, submission);
    engine.raiseUnless(writer::isBusy);
  }

  private static StorageException overloaded(String what) {
    return new StorageException.Overloaded(what, RETRY_AFTER);
  }
}
