package io.escrowmq.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.QueueId;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * How keys are made, so that unsigned byte order is the order wanted; see {@code
 * docs/formats/rocksdb.md}. Stateless.
 */
final class Keys {

  /** First byte of the store's counters in {@link Family#STORE}. */
  private static final byte STATE = 's';

  /** First byte of a bucket's row in {@link Family#STORE}. */
  private static final byte BUCKET = 'b';

  /** First byte of a hold count's row in {@link Family#STORE}. */
  private static final byte COUNT = 'c';

  /** First byte of a message in a bucket. */
  static final byte MESSAGE = 'm';

  /** First byte of an index entry in a bucket. */
  private static final byte INDEX = 'i';

  /** First byte of a queue that has messages in a bucket. */
  private static final byte QUEUE = 'q';

  private static final int HASH_AT = 1;
  private static final int TIME_AT = HASH_AT + Long.BYTES;
  private static final int OFFSET_AT = TIME_AT + Long.BYTES;
  private static final int UID_AT = OFFSET_AT + Long.BYTES;
  private static final int INDEX_BYTES = UID_AT + Integer.BYTES;

  private Keys() {}

  static byte[] state() {
    return new byte[] {STATE};
  }

  static byte[] bucket(long ordinal) {
    return ByteBuffer.allocate(1 + Long.BYTES).put(BUCKET).putLong(ordinal).array();
  }

  static byte[] buckets() {
    return new byte[] {BUCKET};
  }

  static long ordinalOf(byte[] bucketKey) {
    return ByteBuffer.wrap(bucketKey).getLong(1);
  }

  static byte[] count(HoldKind kind, String topic) {
    byte[] name = topic.getBytes(UTF_8);
    return ByteBuffer.allocate(2 + name.length)
        .put(COUNT)
        .put((byte) kind.code())
        .put(name)
        .array();
  }

  static byte[] counts() {
    return new byte[] {COUNT};
  }

  static HoldKind kindOfCount(byte[] key) {
    return HoldKind.ofCode(key[1]);
  }

  static String topicOfCount(byte[] key) {
    return new String(key, 2, key.length - 2, UTF_8);
  }

  static byte[] queue(QueueId queue) {
    byte[] topic = queue.topic().getBytes(UTF_8);
    return ByteBuffer.allocate(topic.length + 1 + Integer.BYTES)
        .put(topic)
        .put((byte) 0)
        .putInt(queue.queue())
        .array();
  }

  static QueueId queueOf(byte[] name) {
    int topicBytes = name.length - 1 - Integer.BYTES;
    int number = ByteBuffer.wrap(name).getInt(name.length - Integer.BYTES);
    return new QueueId(new String(name, 0, topicBytes, UTF_8), number);
  }

  static byte[] span(int uid, long firstOffset) {
    return ByteBuffer.allocate(Integer.BYTES + Long.BYTES).putInt(uid).putLong(firstOffset).array();
  }

  static int uidOfSpan(byte[] key) {
    return ByteBuffer.wrap(key).getInt();
  }

  static long firstOffsetOfSpan(byte[] key) {
    return ByteBuffer.wrap(key).getLong(Integer.BYTES);
  }

  static byte[] run(int run) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(run).array();
  }

  static byte[] id(HoldId id) {
    return ByteBuffer.allocate(HoldId.BYTES).putLong(id.high()).putLong(id.low()).array();
  }

  static byte[] kind(HoldKind kind, HoldId id) {
    return ByteBuffer.allocate(1 + HoldId.BYTES)
        .put((byte) kind.code())
        .putLong(id.high())
        .putLong(id.low())
        .array();
  }

  static byte[] kind(HoldKind kind) {
    return new byte[] {(byte) kind.code()};
  }

  static byte[] due(HoldKind kind, long wakeAtMs, HoldId id) {
    return ByteBuffer.allocate(1 + Long.BYTES + HoldId.BYTES)
        .put((byte) kind.code())
        .putLong(wakeAtMs ^ Long.MIN_VALUE)
        .putLong(id.high())
        .putLong(id.low())
        .array();
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

  static byte[] message(int uid, long offset) {
    return ByteBuffer.allocate(1 + Integer.BYTES + Long.BYTES)
        .put(MESSAGE)
        .putInt(uid)
        .putLong(offset)
        .array();
  }

  static boolean isMessageOf(byte[] key, int uid) {
    return key[0] == MESSAGE && ByteBuffer.wrap(key).getInt(1) == uid;
  }

  static long offsetOfMessage(byte[] key) {
    return ByteBuffer.wrap(key).getLong(1 + Integer.BYTES);
  }

  static byte[] queueInBucket(int uid) {
    return ByteBuffer.allocate(1 + Integer.BYTES).put(QUEUE).putInt(uid).array();
  }

  static byte[] queuesInBucket() {
    return new byte[] {QUEUE};
  }

  static int uidOfQueueInBucket(byte[] key) {
    return ByteBuffer.wrap(key).getInt(1);
  }

  static byte[] index(long hash, long storeTimeMs, long offset, int uid) {
    return ByteBuffer.allocate(INDEX_BYTES)
        .put(INDEX)
        .putLong(hash)
        .putLong(~storeTimeMs)
        .putLong(~offset)
        .putInt(uid)
        .array();
  }

  /** The part of an index key that all entries of a hash share. */
  static byte[] indexPrefix(long hash) {
    return ByteBuffer.allocate(TIME_AT).put(INDEX).putLong(hash).array();
  }

  static long timeOfIndex(byte[] key) {
    return ~ByteBuffer.wrap(key).getLong(TIME_AT);
  }

  static long offsetOfIndex(byte[] key) {
    return ~ByteBuffer.wrap(key).getLong(OFFSET_AT);
  }

  static int uidOfIndex(byte[] key) {
    return ByteBuffer.wrap(key).getInt(UID_AT);
  }

  static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** The smallest key that is greater than this one. */
  static byte[] after(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }
}
