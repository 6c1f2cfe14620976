package io.escrowmq.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.QueueId;
import java.nio.ByteBuffer;

/**
 * A live hold without its message.
 *
 * @param bodyBytes size of the message
 */
record HoldRow(
    QueueId queue, HoldKind kind, long heldAtMs, long wakeAtMs, int bodyBytes, Bytes attributes) {

  /** The same hold with another wake-up. */
  HoldRow rescheduled(HoldKind newKind, long newWakeAtMs, Bytes newAttributes) {
    return new HoldRow(queue, newKind, heldAtMs, newWakeAtMs, bodyBytes, newAttributes);
  }

  /** As the SPI shows it. */
  HoldEntry entry(HoldId id) {
    return new HoldEntry(id, queue, kind, heldAtMs, wakeAtMs, attributes);
  }

  byte[] encode() {
    byte[] topic = queue.topic().getBytes(UTF_8);
    byte[] extra = attributes.toArray();
    return ByteBuffer.allocate(
            1 + 2 * Long.BYTES + 2 * Integer.BYTES + 2 * Short.BYTES + topic.length + extra.length)
        .put((byte) kind.code())
        .putLong(heldAtMs)
        .putLong(wakeAtMs)
        .putInt(bodyBytes)
        .putInt(queue.queue())
        .putShort((short) topic.length)
        .putShort((short) extra.length)
        .put(topic)
        .put(extra)
        .array();
  }

  static HoldRow decode(byte[] value) {
    ByteBuffer row = ByteBuffer.wrap(value);
    HoldKind kind = HoldKind.ofCode(row.get());
    long heldAtMs = row.getLong();
    long wakeAtMs = row.getLong();
    int bodyBytes = row.getInt();
    int queue = row.getInt();
    byte[] topic = new byte[row.getShort()];
    byte[] extra = new byte[row.getShort()];
    row.get(topic).get(extra);
    return new HoldRow(
        new QueueId(new String(topic, UTF_8), queue),
        kind,
        heldAtMs,
        wakeAtMs,
        bodyBytes,
        Bytes.wrap(extra));
  }
}
