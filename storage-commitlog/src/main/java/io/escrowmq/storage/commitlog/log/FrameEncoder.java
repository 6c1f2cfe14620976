package io.escrowmq.storage.commitlog.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the records of a batch into claimed memory, on the caller's thread. What the sequencer
 * decides is left open. Not thread-safe; one per frame.
 */
public final class FrameEncoder {

  private final ByteBuffer target;
  private final int frameAt;

  /**
   * An encoder for one frame.
   *
   * @param target a view that only this encoder uses
   * @param frameAt where the frame starts in it
   */
  public FrameEncoder(ByteBuffer target, int frameAt) {
    this.target = target;
    this.frameAt = frameAt;
  }

  /** Encodes every stored mutation; the ops are in their order. */
  public List<Op> encode(FramePlan plan) {
    target.putInt(frameAt, FrameLayout.MAGIC);
    target.putInt(frameAt + FrameLayout.LENGTH, plan.frameBytes());
    target.put(frameAt + FrameLayout.TYPE, (byte) FrameLayout.TYPE_BATCH);
    target.put(frameAt + FrameLayout.TYPE + 1, (byte) 0);
    target.putShort(frameAt + FrameLayout.COUNT, (short) plan.records());
    List<Op> ops = new ArrayList<>(plan.records());
    for (int i = 0; i < plan.mutations().size(); i++) {
      if (plan.stored(i)) {
        ops.add(encode(plan.mutations().get(i), plan.recordAt(i), plan.length(i)));
      }
    }
    return ops;
  }

  /** Encodes a cleaner's record, which must be the only one of its frame. */
  public List<Op> encodeMove(Op move, Message body) {
    int recordAt = FrameLayout.recordsAt(1);
    int length = RecordType.MOVE_HELD.fixedBytes() + body.size();
    target.putInt(frameAt, FrameLayout.MAGIC);
    target.putInt(frameAt + FrameLayout.LENGTH, moveFrameBytes(body));
    target.put(frameAt + FrameLayout.TYPE, (byte) FrameLayout.TYPE_BATCH);
    target.put(frameAt + FrameLayout.TYPE + 1, (byte) 0);
    target.putShort(frameAt + FrameLayout.COUNT, (short) 1);
    int at = frameAt + recordAt;
    Op.Body where = new Op.Body(RecordType.MOVE_HELD.fixedBytes(), body.size());
    int fields = at + FrameLayout.RECORD_FIELDS;
    Op op;
    if (move instanceof Op.MoveHeld held) {
      header(at, length, RecordType.MOVE_HELD, 0);
      target.putLong(fields, held.fromPosition());
      putId(fields + Long.BYTES, held.id());
      op = new Op.MoveHeld(recordAt, held.fromPosition(), held.id(), where);
    } else if (move instanceof Op.MoveVisible visible) {
      header(at, length, RecordType.MOVE_VISIBLE, 0);
      target.putLong(fields, visible.fromPosition());
      target.putLong(fields + Long.BYTES, visible.queueUid());
      target.putLong(fields + 2 * Long.BYTES, visible.queueOffset());
      op =
          new Op.MoveVisible(
              recordAt, visible.fromPosition(), visible.queueUid(), visible.queueOffset(), where);
    } else {
      throw new IllegalArgumentException("not a move: " + move);
    }
    putMessage(at + where.offset(), body);
    sealRecord(at, length, RecordType.ofCode(target.get(at + FrameLayout.RECORD_TYPE)));
    return List.of(op);
  }

  /** Bytes of a frame with one move. */
  public static int moveFrameBytes(Message body) {
    return FrameLayout.aligned(
        FrameLayout.recordsAt(1)
            + FrameLayout.recordAligned(RecordType.MOVE_HELD.fixedBytes() + body.size()));
  }

  private Op encode(Mutation mutation, int recordAt, int length) {
    int at = frameAt + recordAt;
    Op op =
        switch (mutation) {
          case Mutation.Append append -> append(append, recordAt, length);
          case Mutation.Hold hold -> hold(hold, recordAt, length);
          case Mutation.Release release -> {
            header(at, length, RecordType.RELEASE, 0);
            putId(at + FrameLayout.RECORD_FIELDS, release.id());
            yield new Op.Release(recordAt, release.id());
          }
          case Mutation.Discard discard -> {
            header(at, length, RecordType.DISCARD, 0);
            putId(at + FrameLayout.RECORD_FIELDS, discard.id());
            yield new Op.Discard(recordAt, discard.id());
          }
          case Mutation.Reschedule change -> reschedule(change, recordAt, length);
          case Mutation.Put put -> put(put, recordAt, length);
          case Mutation.Delete delete -> {
            header(at, length, RecordType.DELETE, delete.key().size());
            putNameAndKey(at, delete.table(), delete.key());
            yield new Op.Delete(recordAt, delete.table(), delete.key());
          }
          case Mutation.Trim trim -> {
            queue(RecordType.TRIM, trim.queue(), trim.newMinOffset(), at, length);
            yield new Op.Trim(recordAt, trim.queue(), trim.newMinOffset());
          }
          case Mutation.Restore restore -> restore(restore, recordAt, length);
          case Mutation.Require ignored -> throw noRecord(mutation);
          case Mutation.RequireHeld ignored -> throw noRecord(mutation);
          case Mutation.Fence ignored -> throw noRecord(mutation);
        };
    if (!(op instanceof Op.Release)) {
      sealRecord(at, length, RecordType.ofCode(target.get(at + FrameLayout.RECORD_TYPE)));
    }
    return op;
  }

  private Op append(Mutation.Append append, int recordAt, int length) {
    int at = frameAt + recordAt;
    int messageAt = RecordType.APPEND.fixedBytes();
    header(at, length, RecordType.APPEND, 0);
    putMessage(at + messageAt, append.message());
    return new Op.Append(
        recordAt,
        append.queue(),
        new Op.Body(messageAt, append.message().size()),
        IndexKeys.of(append.queue().topic(), append.message()));
  }

  private Op hold(Mutation.Hold hold, int recordAt, int length) {
    int at = frameAt + recordAt;
    int attributesAt = RecordType.HOLD.fixedBytes();
    int messageAt = attributesAt + hold.attributes().size();
    header(at, length, RecordType.HOLD, hold.attributes().size());
    target.put(at + FrameLayout.RECORD_KIND, (byte) hold.kind().code());
    target.putLong(at + FrameLayout.RECORD_FIELDS, hold.wakeAtMs());
    putId(at + FrameLayout.RECORD_FIELDS + Long.BYTES, hold.id());
    target.put(at + attributesAt, hold.attributes().toArray());
    putMessage(at + messageAt, hold.message());
    return new Op.Hold(
        recordAt,
        hold.id(),
        hold.queue(),
        hold.kind(),
        hold.wakeAtMs(),
        hold.attributes(),
        new Op.Body(messageAt, hold.message().size()),
        IndexKeys.of(hold.queue().topic(), hold.message()));
  }

  private Op reschedule(Mutation.Reschedule change, int recordAt, int length) {
    int at = frameAt + recordAt;
    header(at, length, RecordType.RESCHEDULE, change.attributes().size());
    target.put(at + FrameLayout.RECORD_KIND, (byte) change.kind().code());
    target.putLong(at + FrameLayout.RECORD_FIELDS, change.wakeAtMs());
    putId(at + FrameLayout.RECORD_FIELDS + Long.BYTES, change.id());
    target.put(at + RecordType.RESCHEDULE.fixedBytes(), change.attributes().toArray());
    return new Op.Reschedule(
        recordAt, change.id(), change.kind(), change.wakeAtMs(), change.attributes());
  }

  private Op put(Mutation.Put put, int recordAt, int length) {
    int at = frameAt + recordAt;
    header(at, length, RecordType.PUT, put.key().size());
    int valueAt = putNameAndKey(at, put.table(), put.key());
    target.put(valueAt, put.value().toArray());
    return new Op.Put(recordAt, put.table(), put.key(), put.value());
  }

  /** A record about a queue and one of its offsets. */
  private void queue(RecordType type, QueueId queue, long offset, int at, int length) {
    byte[] topic = queue.topic().getBytes(UTF_8);
    header(at, length, type, queue.queue());
    target.putShort(at + FrameLayout.RECORD_NAME, (short) topic.length);
    target.putLong(at + FrameLayout.RECORD_FIELDS, offset);
    target.put(at + type.fixedBytes(), topic);
  }

  private Op restore(Mutation.Restore restore, int recordAt, int length) {
    int at = frameAt + recordAt;
    return switch (restore) {
      case Mutation.Restore.Begin begin -> {
        queue(RecordType.BEGIN, begin.queue(), begin.firstOffset(), at, length);
        yield new Op.Begin(recordAt, begin.queue(), begin.firstOffset());
      }
      case Mutation.Restore.Visible visible -> {
        Message message = visible.message();
        int messageAt = RecordType.RESTORED.fixedBytes();
        header(at, length, RecordType.RESTORED, 0);
        putMessage(at + messageAt, message);
        yield new Op.Restored(
            recordAt,
            visible.queue(),
            new Op.Body(messageAt, message.size()),
            IndexKeys.of(visible.queue().topic(), message),
            message.storeTimeMs());
      }
      case Mutation.Restore.Held held -> restoredHold(held, recordAt, length);
      case Mutation.Restore.Decided decided -> {
        int fields = at + FrameLayout.RECORD_FIELDS;
        HoldStatus status = decided.status();
        header(at, length, RecordType.RESTORED_DECISION, 0);
        boolean released = status.state() == HoldStatus.State.RELEASED;
        target.put(at + FrameLayout.RECORD_KIND, (byte) (released ? 1 : 2));
        putId(fields, decided.id());
        target.putLong(fields + 2 * Long.BYTES, status.queueOffset());
        target.putLong(fields + 3 * Long.BYTES, status.position());
        target.putLong(fields + 4 * Long.BYTES, status.decidedAtMs());
        yield new Op.RestoredDecision(recordAt, decided.id(), status);
      }
    };
  }

  private Op restoredHold(Mutation.Restore.Held held, int recordAt, int length) {
    int at = frameAt + recordAt;
    int fields = at + FrameLayout.RECORD_FIELDS;
    HoldEntry entry = held.entry();
    int attributesAt = RecordType.RESTORED_HOLD.fixedBytes();
    int messageAt = attributesAt + entry.attributes().size();
    header(at, length, RecordType.RESTORED_HOLD, entry.attributes().size());
    target.put(at + FrameLayout.RECORD_KIND, (byte) entry.kind().code());
    target.putLong(fields, entry.wakeAtMs());
    putId(fields + Long.BYTES, entry.id());
    target.putLong(fields + 3 * Long.BYTES, entry.heldAtMs());
    target.put(at + attributesAt, entry.attributes().toArray());
    putMessage(at + messageAt, held.message());
    return new Op.RestoredHold(
        recordAt,
        entry,
        new Op.Body(messageAt, held.message().size()),
        IndexKeys.of(entry.queue().topic(), held.message()));
  }

  private void header(int at, int length, RecordType type, int extra) {
    target.putInt(at + FrameLayout.RECORD_LENGTH, length);
    target.put(at + FrameLayout.RECORD_TYPE, (byte) type.code());
    target.put(at + FrameLayout.RECORD_KIND, (byte) 0);
    target.putShort(at + FrameLayout.RECORD_NAME, (short) 0);
    target.putInt(at + FrameLayout.RECORD_EXTRA, extra);
  }

  private void putId(int at, HoldId id) {
    target.putLong(at, id.high());
    target.putLong(at + Long.BYTES, id.low());
  }

  private void putMessage(int at, Message message) {
    target.put(at, message.bytes(), 0, message.size());
  }

  private int putNameAndKey(int at, String table, Bytes key) {
    byte[] name = table.getBytes(UTF_8);
    target.putShort(at + FrameLayout.RECORD_NAME, (short) name.length);
    int nameAt = at + FrameLayout.RECORD_FIELDS;
    target.put(nameAt, name);
    target.put(nameAt + name.length, key.toArray());
    return nameAt + name.length + key.size();
  }

  private void sealRecord(int at, int length, RecordType type) {
    target.putInt(at + FrameLayout.RECORD_CRC, Records.crc(target, at, length, type));
  }

  private static IllegalStateException noRecord(Mutation mutation) {
    return new IllegalStateException("a precondition has no record: " + mutation);
  }
}
