package io.escrowmq.storage.commitlog.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is encoded is what is decoded, and no flipped bit that matters goes unnoticed. */
class FrameCodecTest {

  private static final long STORE_ID = 0x1234_5678_9ABC_DEF0L;
  private static final long POSITION = 64 * 1000;
  private static final long STORE_TIME = 1_700_000_000_123L;
  private static final QueueId QUEUE = new QueueId("orders", 3);
  private static final HoldId ID = new HoldId(-1, 42);

  @Test
  void everyMutationComesBack() {
    Message message = SampleMessages.indexed(QUEUE, "body", "k1 k2", "unique");
    Bytes attributes = Bytes.utf8("attributes");
    ByteBuffer frame =
        encode(
            new Mutation.Append(QUEUE, message),
            new Mutation.RequireHeld(ID),
            new Mutation.Hold(ID, QUEUE, message, HoldKind.DELAY, 77, attributes),
            new Mutation.Release(ID),
            new Mutation.Discard(ID),
            new Mutation.Reschedule(ID, HoldKind.PARKED, Mutation.Hold.NEVER, Bytes.EMPTY),
            new Mutation.Put("table", Bytes.utf8("key"), Bytes.utf8("value")),
            new Mutation.Put("table", Bytes.utf8("key"), Bytes.EMPTY),
            new Mutation.Delete("table", Bytes.utf8("key")),
            new Mutation.Trim(new QueueId("Überweisung", 7), 99));

    Frame decoded = decode(frame).orElseThrow();
    assertThat(decoded.position()).isEqualTo(POSITION);
    assertThat(decoded.storeTimeMs()).isEqualTo(STORE_TIME);
    assertThat(decoded.ops()).hasSize(9);
    Op.Append append = (Op.Append) decoded.ops().get(0);
    assertThat(append.queue()).isEqualTo(QUEUE);
    assertThat(append.keys().size()).isEqualTo(3);
    Message stamped = Message.wrap(frame.slice(append.recordAt() + 16, append.body().size()));
    assertThat(SampleMessages.unstamped(stamped)).isEqualTo(message);
    assertThat(stamped.queueOffset()).isZero();
    assertThat(stamped.position()).isEqualTo(POSITION + append.recordAt());
    Op.Hold hold = (Op.Hold) decoded.ops().get(1);
    assertThat(hold.id()).isEqualTo(ID);
    assertThat(hold.kind()).isEqualTo(HoldKind.DELAY);
    assertThat(hold.wakeAtMs()).isEqualTo(77);
    assertThat(hold.attributes()).isEqualTo(attributes);
    assertThat(hold.keys().hash(0)).isEqualTo(append.keys().hash(0));
    assertThat(((Op.Release) decoded.ops().get(2)).id()).isEqualTo(ID);
    assertThat(((Op.Discard) decoded.ops().get(3)).id()).isEqualTo(ID);
    assertThat(decoded.ops().get(4))
        .extracting("kind", "wakeAtMs", "attributes")
        .containsExactly(HoldKind.PARKED, Mutation.Hold.NEVER, Bytes.EMPTY);
    assertThat(decoded.ops().get(5))
        .extracting("table", "key", "value")
        .containsExactly("table", Bytes.utf8("key"), Bytes.utf8("value"));
    assertThat(decoded.ops().get(6)).extracting("value").isEqualTo(Bytes.EMPTY);
    assertThat(decoded.ops().get(7)).extracting("key").isEqualTo(Bytes.utf8("key"));
    assertThat(decoded.ops().get(8))
        .extracting("queue", "newMinOffset")
        .containsExactly(new QueueId("Überweisung", 7), 99L);
  }

  @Test
  void whatWasRestoredComesBack() {
    Message message =
        SampleMessages.indexed(QUEUE, "body", "k1 k2", "unique").stamped(7, 8, STORE_TIME - 5_000);
    HoldEntry entry = new HoldEntry(ID, QUEUE, HoldKind.PARKED, 55, 77, Bytes.utf8("attributes"));
    HoldStatus released = new HoldStatus(HoldStatus.State.RELEASED, 3, -1, 66);
    HoldStatus discarded = new HoldStatus(HoldStatus.State.DISCARDED, -1, -1, 67);
    ByteBuffer frame =
        encode(
            new Mutation.Restore.Begin(new QueueId("Überweisung", 7), 1L << 40),
            new Mutation.Restore.Visible(QUEUE, message),
            new Mutation.Restore.Held(entry, message),
            new Mutation.Restore.Decided(ID, released),
            new Mutation.Restore.Decided(ID, discarded));

    List<Op> ops = decode(frame).orElseThrow().ops();
    assertThat(ops.get(0))
        .extracting("queue", "firstOffset")
        .containsExactly(new QueueId("Überweisung", 7), 1L << 40);
    Op.Restored restored = (Op.Restored) ops.get(1);
    assertThat(restored.storeTimeMs()).isEqualTo(STORE_TIME - 5_000);
    assertThat(restored.keys().size()).isEqualTo(3);
    Message stamped = Message.wrap(frame.slice(restored.recordAt() + 16, restored.body().size()));
    assertThat(stamped)
        .isEqualTo(message.stamped(0, POSITION + restored.recordAt(), STORE_TIME - 5_000));
    assertThat(ops.get(2)).extracting("entry").isEqualTo(entry);
    assertThat(ops.get(3)).extracting("id", "status").containsExactly(ID, released);
    assertThat(ops.get(4)).extracting("id", "status").containsExactly(ID, discarded);
  }

  @Test
  void movesComeBack() {
    Message body = SampleMessages.message(QUEUE, "moved");
    ByteBuffer frame = ByteBuffer.allocate(FrameEncoder.moveFrameBytes(body));
    Op move = new Op.MoveVisible(0, 11, 22, 33, new Op.Body(0, 0));
    List<Op> ops = new FrameEncoder(frame.duplicate(), 0).encodeMove(move, body);
    seal(frame, ops);
    assertThat(decode(frame).orElseThrow().ops()).isEqualTo(ops);
    assertThat(ops.getFirst())
        .extracting("fromPosition", "queueUid", "queueOffset")
        .containsExactly(11L, 22L, 33L);
  }

  @Test
  void aFlippedBitIsNoticedOrDoesNotMatter() {
    Message message = SampleMessages.indexed(QUEUE, "body", "k", "u");
    ByteBuffer frame =
        encode(
            new Mutation.Append(QUEUE, message),
            new Mutation.Hold(ID, QUEUE, message, HoldKind.TRANSACTION, 5, Bytes.utf8("a")),
            new Mutation.Release(ID),
            new Mutation.Restore.Visible(QUEUE, message.stamped(0, 0, STORE_TIME - 5_000)),
            new Mutation.Restore.Decided(
                ID, new HoldStatus(HoldStatus.State.DISCARDED, -1, -1, 67)));
    Frame whole = decode(frame).orElseThrow();
    int unnoticed = 0;
    for (int bit = 0; bit < 8 * frame.capacity(); bit++) {
      byte[] copy = new byte[frame.capacity()];
      frame.get(0, copy);
      copy[bit / 8] ^= (byte) (1 << bit % 8);
      Optional<Frame> damaged = decode(ByteBuffer.wrap(copy));
      if (damaged.isPresent()) {
        unnoticed++;
        assertThat(damaged.get()).as("bit %s", bit).usingRecursiveComparison().isEqualTo(whole);
      }
    }
    assertThat(unnoticed / 8).as("padding bytes").isLessThan(FrameLayout.ALIGNMENT);
  }

  @Test
  void aFrameOfAnotherPlaceOrStoreIsNone() {
    ByteBuffer frame = encode(new Mutation.Release(ID));
    assertThat(FrameDecoder.claimedLength(frame, 0, POSITION, STORE_ID)).isPositive();
    assertThat(FrameDecoder.claimedLength(frame, 0, POSITION + 64, STORE_ID)).isNegative();
    assertThat(FrameDecoder.claimedLength(frame, 0, POSITION, STORE_ID + 1)).isNegative();
  }

  @Test
  void contradictionsAndExcessAreRefusedBeforeAnythingIsClaimed() {
    Message message = SampleMessages.message(QUEUE, "a");
    QueueId other = new QueueId("orders", 4);
    assertThatThrownBy(() -> plan(new Mutation.Append(other, message)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> plan(new Mutation.Put("Bad", Bytes.utf8("k"), Bytes.EMPTY)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> plan(new Mutation.Delete("t", Bytes.EMPTY)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> plan(new Mutation.Delete("t", Bytes.wrap(new byte[1025]))))
        .isInstanceOf(StorageException.TooLarge.class);
  }

  private static FramePlan plan(Mutation... mutations) {
    return new FramePlan(WriteBatch.of(mutations));
  }

  private static ByteBuffer encode(Mutation... mutations) {
    FramePlan plan = plan(mutations);
    ByteBuffer frame = ByteBuffer.allocate(plan.frameBytes());
    seal(frame, new FrameEncoder(frame.duplicate(), 0).encode(plan));
    return frame;
  }

  private static void seal(ByteBuffer frame, List<Op> ops) {
    FrameSealer sealer = new FrameSealer(frame.duplicate(), STORE_ID);
    for (int i = 0; i < ops.size(); i++) {
      Op op = ops.get(i);
      sealer.decide(0, i, 1, 0);
      if (op instanceof Op.Append) {
        sealer.stampAppend(op.recordAt(), 0, POSITION + op.recordAt(), STORE_TIME);
      } else if (op instanceof Op.Restored) {
        sealer.stampRestored(op.recordAt(), 0, POSITION + op.recordAt());
      } else if (op instanceof Op.Release) {
        sealer.stampRelease(op.recordAt(), 1, 2);
      }
    }
    sealer.seal(0, ops.size(), POSITION, STORE_TIME, 0);
  }

  private static Optional<Frame> decode(ByteBuffer frame) {
    int length = FrameDecoder.claimedLength(frame, 0, POSITION, STORE_ID);
    boolean valid =
        length == frame.capacity() && FrameDecoder.headerValid(frame.duplicate(), 0, length);
    return valid ? FrameDecoder.decode(frame.duplicate(), 0, length) : Optional.empty();
  }
}
