package io.escrowmq.storage.commitlog.views;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.storage.commitlog.log.IndexKeys;
import java.nio.ByteBuffer;

/**
 * A live hold as the views keep it: everything but its body, which stays in the log.
 *
 * @param body where the message is
 * @param keys what the message is found by once it is visible
 */
public record HoldRow(
    QueueId queue,
    HoldKind kind,
    long heldAtMs,
    long wakeAtMs,
    Bytes attributes,
    BodyRef body,
    IndexKeys keys) {

  /** The same hold with another wake-up. */
  public HoldRow rescheduled(HoldKind newKind, long newWakeAtMs, Bytes newAttributes) {
    return new HoldRow(queue, newKind, heldAtMs, newWakeAtMs, newAttributes, body, keys);
  }

  /** The same hold with its body elsewhere. */
  public HoldRow moved(BodyRef newBody) {
    return new HoldRow(queue, kind, heldAtMs, wakeAtMs, attributes, newBody, keys);
  }

  /** As the SPI shows it. */
  public HoldEntry entry(HoldId id) {
    return new HoldEntry(id, queue, kind, heldAtMs, wakeAtMs, attributes);
  }

  byte[] encode() {
    byte[] topic = queue.topic().getBytes(UTF_8);
    byte[] extra = attributes.toArray();
    ByteBuffer row =
        ByteBuffer.allocate(
            3 * Short.BYTES
                + 3 * Integer.BYTES
                + (3 + keys.size()) * Long.BYTES
                + topic.length
                + extra.length);
    row.putLong(heldAtMs).putLong(wakeAtMs);
    row.putLong(body.position()).putInt(body.offset()).putInt(body.size());
    row.putInt(queue.queue());
    row.putShort((short) topic.length).putShort((short) extra.length);
    row.putShort((short) keys.size());
    row.put(topic).put(extra);
    for (int i = 0; i < keys.size(); i++) {
      row.putLong(keys.hash(i));
    }
    return row.array();
  }

  static HoldRow decode(HoldKind kind, byte[] value) {
    ByteBuffer row = ByteBuffer.wrap(value);
    long heldAtMs = row.getLong();
    long wakeAtMs = row.getLong();
    BodyRef body = new BodyRef(row.getLong(), row.getInt(), row.getInt());
    int queue = row.getInt();
    byte[] topic = new byte[row.getShort()];
    byte[] extra = new byte[row.getShort()];
    long[] keys = new long[row.getShort()];
    row.get(topic).get(extra);
    row.asLongBuffer().get(keys);
    return new HoldRow(
        new QueueId(new String(topic, UTF_8), queue),
        kind,
        heldAtMs,
        wakeAtMs,
        Bytes.wrap(extra),
        body,
        IndexKeys.wrap(keys));
  }
}
