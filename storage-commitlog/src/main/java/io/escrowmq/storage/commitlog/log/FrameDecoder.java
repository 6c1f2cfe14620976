package io.escrowmq.storage.commitlog.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.QueueId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Verifies and decodes frames. Stateless. */
final class FrameDecoder {

  private FrameDecoder() {}

  /**
   * The length a frame at this place claims, if its header could be one of this store at this
   * position; else -1. Reads {@link FrameLayout#DECISIONS} bytes.
   */
  static int claimedLength(ByteBuffer view, int at, long position, long storeId) {
    if (view.getInt(at) != FrameLayout.MAGIC
        || view.getLong(at + FrameLayout.POSITION) != position
        || view.getLong(at + FrameLayout.STORE_ID) != storeId) {
      return -1;
    }
    int length = view.getInt(at + FrameLayout.LENGTH);
    boolean possible = length >= FrameLayout.ALIGNMENT && length % FrameLayout.ALIGNMENT == 0;
    return possible ? length : -1;
  }

  /** True if the header's own checksum is right; the header must lie within the buffer. */
  static boolean headerValid(ByteBuffer view, int at, int available) {
    int end = FrameLayout.recordsAt(view.getShort(at + FrameLayout.COUNT));
    return end >= FrameLayout.DECISIONS
        && end <= available
        && view.getInt(at + FrameLayout.CRC)
            == Records.crc(view, at + FrameLayout.LENGTH, at + end);
  }

  static boolean isPad(ByteBuffer view, int at) {
    return view.get(at + FrameLayout.TYPE) == FrameLayout.TYPE_PAD;
  }

  static long durable(ByteBuffer view, int at) {
    return view.getLong(at + FrameLayout.DURABLE);
  }

  /** Decodes a frame whose header was found valid; empty if one of its records is damaged. */
  static Optional<Frame> decode(ByteBuffer view, int at, int length) {
    int count = view.getShort(at + FrameLayout.COUNT);
    List<Op> ops = new ArrayList<>(count);
    List<Frame.Decision> decisions = new ArrayList<>(count);
    Frame frame =
        new Frame(
            view.getLong(at + FrameLayout.POSITION),
            length,
            isPad(view, at),
            view.getLong(at + FrameLayout.STORE_TIME),
            durable(view, at),
            ops,
            decisions);
    int recordAt = FrameLayout.recordsAt(count);
    for (int i = 0; i < count; i++) {
      long decision = view.getLong(at + FrameLayout.DECISIONS + i * FrameLayout.DECISION_BYTES);
      decisions.add(
          new Frame.Decision(
              FrameLayout.outcomeCode(decision), FrameLayout.decidedOffset(decision)));
      int recordLength = validRecord(view, at, recordAt, length);
      if (recordLength < 0) {
        return Optional.empty();
      }
      Op op = record(view, at, recordAt, recordLength);
      if (!stampsMatch(view, at, op, frame, decisions.get(i))) {
        return Optional.empty();
      }
      ops.add(op);
      recordAt += FrameLayout.recordAligned(recordLength);
    }
    return Optional.of(frame);
  }

  /** The record's length, or -1 if it is damaged. */
  static int validRecord(ByteBuffer view, int frameAt, int recordAt, int frameLength) {
    int at = frameAt + recordAt;
    if (recordAt + FrameLayout.RECORD_FIELDS > frameLength) {
      return -1;
    }
    int length = view.getInt(at + FrameLayout.RECORD_LENGTH);
    int code = view.get(at + FrameLayout.RECORD_TYPE);
    if (!RecordType.isCode(code)) {
      return -1;
    }
    RecordType type = RecordType.ofCode(code);
    boolean fits = length >= type.fixedBytes() && length <= frameLength - recordAt;
    if (!fits || type.isAppend() && !stampsInside(view, at, length)) {
      return -1;
    }
    int stored = view.getInt(at + FrameLayout.RECORD_CRC);
    return stored == Records.crc(view, at, length, type) ? length : -1;
  }

  private static boolean stampsInside(ByteBuffer view, int at, int length) {
    int message = RecordType.APPEND.fixedBytes();
    if (length < message + MessageFormat.SYSTEM_FLAG + Integer.BYTES) {
      return false;
    }
    int flags = view.getInt(at + message + MessageFormat.SYSTEM_FLAG);
    return length >= message + MessageFormat.storeTimeAt(flags) + Long.BYTES;
  }

  private static boolean stampsMatch(
      ByteBuffer view, int frameAt, Op op, Frame frame, Frame.Decision decision) {
    if (!(op instanceof Op.Append) && !(op instanceof Op.Restored)) {
      return true;
    }
    int message = frameAt + op.recordAt() + RecordType.APPEND.fixedBytes();
    int flags = view.getInt(message + MessageFormat.SYSTEM_FLAG);
    return view.getLong(message + MessageFormat.QUEUE_OFFSET) == decision.queueOffset()
        && view.getLong(message + MessageFormat.QUEUE_OFFSET + Long.BYTES)
            == frame.position() + op.recordAt()
        && (op instanceof Op.Restored
            || view.getLong(message + MessageFormat.storeTimeAt(flags)) == frame.storeTimeMs());
  }

  private static Op record(ByteBuffer view, int frameAt, int recordAt, int length) {
    int at = frameAt + recordAt;
    int fields = at + FrameLayout.RECORD_FIELDS;
    RecordType type = RecordType.ofCode(view.get(at + FrameLayout.RECORD_TYPE));
    int extra = view.getInt(at + FrameLayout.RECORD_EXTRA);
    Op.Body body = new Op.Body(type.fixedBytes(), length - type.fixedBytes());
    return switch (type) {
      case APPEND -> {
        Message message = message(view, at, body);
        QueueId queue = message.queueId();
        yield new Op.Append(recordAt, queue, body, IndexKeys.of(queue.topic(), message));
      }
      case HOLD -> hold(view, recordAt, at, length);
      case RELEASE -> new Op.Release(recordAt, id(view, fields));
      case DISCARD -> new Op.Discard(recordAt, id(view, fields));
      case RESCHEDULE ->
          new Op.Reschedule(
              recordAt,
              id(view, fields + Long.BYTES),
              HoldKind.ofCode(view.get(at + FrameLayout.RECORD_KIND)),
              view.getLong(fields),
              bytes(view, at + type.fixedBytes(), extra));
      case PUT -> {
        int keyAt = fields + view.getShort(at + FrameLayout.RECORD_NAME);
        int valueAt = keyAt + extra;
        Bytes value = bytes(view, valueAt, at + length - valueAt);
        yield new Op.Put(recordAt, name(view, at), bytes(view, keyAt, extra), value);
      }
      case DELETE -> {
        int keyAt = fields + view.getShort(at + FrameLayout.RECORD_NAME);
        yield new Op.Delete(recordAt, name(view, at), bytes(view, keyAt, extra));
      }
      case TRIM -> new Op.Trim(recordAt, queue(view, at, length), view.getLong(fields));
      case MOVE_HELD ->
          new Op.MoveHeld(recordAt, view.getLong(fields), id(view, fields + Long.BYTES), body);
      case MOVE_VISIBLE ->
          new Op.MoveVisible(
              recordAt,
              view.getLong(fields),
              view.getLong(fields + Long.BYTES),
              view.getLong(fields + 2 * Long.BYTES),
              body);
      case BEGIN -> new Op.Begin(recordAt, queue(view, at, length), view.getLong(fields));
      case RESTORED -> restored(view, recordAt, at, body);
      case RESTORED_HOLD -> restoredHold(view, recordAt, at, length);
      case RESTORED_DECISION -> restoredDecision(view, recordAt, at);
    };
  }

  private static Op restored(ByteBuffer view, int recordAt, int at, Op.Body body) {
    Message message = message(view, at, body);
    QueueId queue = message.queueId();
    IndexKeys keys = IndexKeys.of(queue.topic(), message);
    return new Op.Restored(recordAt, queue, body, keys, message.storeTimeMs());
  }

  private static Op restoredDecision(ByteBuffer view, int recordAt, int at) {
    int fields = at + FrameLayout.RECORD_FIELDS;
    boolean released = view.get(at + FrameLayout.RECORD_KIND) == 1;
    return new Op.RestoredDecision(
        recordAt,
        id(view, fields),
        new HoldStatus(
            released ? HoldStatus.State.RELEASED : HoldStatus.State.DISCARDED,
            view.getLong(fields + 2 * Long.BYTES),
            view.getLong(fields + 3 * Long.BYTES),
            view.getLong(fields + 4 * Long.BYTES)));
  }

  private static Op restoredHold(ByteBuffer view, int recordAt, int at, int length) {
    int fields = at + FrameLayout.RECORD_FIELDS;
    int attributes = view.getInt(at + FrameLayout.RECORD_EXTRA);
    int messageAt = RecordType.RESTORED_HOLD.fixedBytes() + attributes;
    Op.Body body = new Op.Body(messageAt, length - messageAt);
    Message message = message(view, at, body);
    QueueId queue = message.queueId();
    HoldEntry entry =
        new HoldEntry(
            id(view, fields + Long.BYTES),
            queue,
            HoldKind.ofCode(view.get(at + FrameLayout.RECORD_KIND)),
            view.getLong(fields + 3 * Long.BYTES),
            view.getLong(fields),
            bytes(view, at + RecordType.RESTORED_HOLD.fixedBytes(), attributes));
    return new Op.RestoredHold(recordAt, entry, body, IndexKeys.of(queue.topic(), message));
  }

  /** The queue of a record that ends with a topic. */
  private static QueueId queue(ByteBuffer view, int at, int length) {
    int topicAt = FrameLayout.RECORD_FIELDS + Long.BYTES;
    String topic = bytes(view, at + topicAt, length - topicAt).asUtf8();
    return new QueueId(topic, view.getInt(at + FrameLayout.RECORD_EXTRA));
  }

  private static Op hold(ByteBuffer view, int recordAt, int at, int length) {
    int fields = at + FrameLayout.RECORD_FIELDS;
    int attributes = view.getInt(at + FrameLayout.RECORD_EXTRA);
    int messageAt = RecordType.HOLD.fixedBytes() + attributes;
    Op.Body body = new Op.Body(messageAt, length - messageAt);
    Message message = message(view, at, body);
    QueueId queue = message.queueId();
    return new Op.Hold(
        recordAt,
        id(view, fields + Long.BYTES),
        queue,
        HoldKind.ofCode(view.get(at + FrameLayout.RECORD_KIND)),
        view.getLong(fields),
        bytes(view, at + RecordType.HOLD.fixedBytes(), attributes),
        body,
        IndexKeys.of(queue.topic(), message));
  }

  private static Message message(ByteBuffer view, int recordAt, Op.Body body) {
    return Message.wrap(view.slice(recordAt + body.offset(), body.size()));
  }

  private static String name(ByteBuffer view, int at) {
    byte[] name = new byte[view.getShort(at + FrameLayout.RECORD_NAME)];
    view.get(at + FrameLayout.RECORD_FIELDS, name);
    return new String(name, UTF_8);
  }

  private static HoldId id(ByteBuffer view, int at) {
    return new HoldId(view.getLong(at), view.getLong(at + Long.BYTES));
  }

  private static Bytes bytes(ByteBuffer view, int at, int length) {
    byte[] copy = new byte[length];
    view.get(at, copy);
    return Bytes.wrap(copy);
  }
}
