package io.escrowmq.storage.commitlog.views;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.QueueId;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** How the database's keys are made, so that unsigned byte order is the order wanted. Stateless. */
final class Keys {

  /** First byte of a queue's row. */
  private static final byte BY_NAME = 'n';

  /** First byte of a queue's name by uid. */
  private static final byte BY_UID = 'u';

  private Keys() {}

  static byte[] queueByName(QueueId queue) {
    byte[] topic = queue.topic().getBytes(UTF_8);
    return ByteBuffer.allocate(1 + topic.length + 1 + Integer.BYTES)
        .put(BY_NAME)
        .put(topic)
        .put((byte) 0)
        .putInt(queue.queue())
        .array();
  }

  static byte[] queueByUid(long uid) {
    return ByteBuffer.allocate(1 + Long.BYTES).put(BY_UID).putLong(uid).array();
  }

  static boolean isQueueByName(byte[] key) {
    return key[0] == BY_NAME;
  }

  static byte[] firstQueueByName() {
    return new byte[] {BY_NAME};
  }

  static QueueId queueOf(byte[] nameKey) {
    int topicBytes = nameKey.length - 2 - Integer.BYTES;
    int queue = ByteBuffer.wrap(nameKey).getInt(nameKey.length - Integer.BYTES);
    return new QueueId(new String(nameKey, 1, topicBytes, UTF_8), queue);
  }

  static byte[] block(long uid, long block) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(uid).putLong(block).array();
  }

  static byte[] hold(HoldKind kind, HoldId id) {
    return ByteBuffer.allocate(1 + HoldId.BYTES)
        .put((byte) kind.code())
        .putLong(id.high())
        .putLong(id.low())
        .array();
  }

  static byte[] due(HoldKind kind, long wakeAtMs, HoldId id) {
    return ByteBuffer.allocate(1 + Long.BYTES + HoldId.BYTES)
        .put((byte) kind.code())
        .putLong(wakeAtMs ^ Long.MIN_VALUE)
        .putLong(id.high())
        .putLong(id.low())
        .array();
  }

  static byte[] decided(HoldId id) {
    return ByteBuffer.allocate(HoldId.BYTES).putLong(id.high()).putLong(id.low()).array();
  }

  static byte[] decidedAt(long decidedAtMs, HoldId id) {
    return ByteBuffer.allocate(Long.BYTES + HoldId.BYTES)
        .putLong(decidedAtMs)
        .putLong(id.high())
        .putLong(id.low())
        .array();
  }

  /** The id at the end of a key. */
  static HoldId lastId(byte[] key) {
    ByteBuffer buffer = ByteBuffer.wrap(key);
    int at = key.length - HoldId.BYTES;
    return new HoldId(buffer.getLong(at), buffer.getLong(at + Long.BYTES));
  }

  static byte[] row(String table, Bytes key) {
    byte[] name = table.getBytes(UTF_8);
    byte[] bytes = key.toArray();
    return ByteBuffer.allocate(name.length + 1 + bytes.length)
        .put(name)
        .put((byte) 0)
        .put(bytes)
        .array();
  }

  static String tableOf(byte[] rowKey) {
    int end = 0;
    while (rowKey[end] != 0) {
      end++;
    }
    return new String(rowKey, 0, end, UTF_8);
  }

  /** Greater than every row of the table, less than any row of the next one. */
  static byte[] afterTable(String table) {
    byte[] name = table.getBytes(UTF_8);
    byte[] end = Arrays.copyOf(name, name.length + 1);
    end[name.length] = 1;
    return end;
  }

  static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** The smallest key that is greater than this one. */
  static byte[] after(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  static byte[] body(long bodyPosition, long uid, long offset) {
    return ByteBuffer.allocate(3 * Long.BYTES)
        .putLong(bodyPosition)
        .putLong(uid)
        .putLong(offset)
        .array();
  }
}
