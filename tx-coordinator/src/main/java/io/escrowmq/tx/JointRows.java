package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The register of joint transactions: which messages belong to one. Both kinds of rows vanish with
 * the decision. Layout, big-endian, drawn in {@code docs/formats/transaction-attributes.md}:
 *
 * <ul>
 *   <li>the register row, key int64 a, int64 b of the handle, value int8 version. Every addition
 *       writes it anew, so its version in the store tells a decision whether it saw everything;
 *   <li>a row per message, key int64 a, int64 b, int32 sequence; value int8 version, int64 deliver
 *       at, int32 queue, 16 bytes digest, then the topic in UTF-8.
 * </ul>
 */
final class JointRows {

  /** The table. */
  static final String TABLE = "tx-joint";

  private static final byte VERSION = 1;
  private static final int DIGEST_BYTES = 16;
  private static final int FIXED_BYTES = 1 + Long.BYTES + Integer.BYTES + DIGEST_BYTES;
  private static final int MEMBER_KEY_BYTES = HoldId.BYTES + Integer.BYTES;

  private final Storage storage;

  JointRows(Storage storage) {
    this.storage = storage;
  }

  /** A message of a joint transaction. */
  record Member(QueueId queue, long deliverAtMs, Bytes digest) {

    Bytes encode() {
      byte[] topic = queue.topic().getBytes(UTF_8);
      return Bytes.wrap(
          ByteBuffer.allocate(FIXED_BYTES + topic.length)
              .put(VERSION)
              .putLong(deliverAtMs)
              .putInt(queue.queue())
              .put(digest.toArray())
              .put(topic)
              .array());
    }

    private static Member decode(Bytes value) {
      ByteBuffer in = ByteBuffer.wrap(value.toArray());
      byte version = in.get();
      if (version != VERSION) {
        throw new IllegalStateException(
            "a message of a joint transaction was added by a newer version of this software (row"
                + " version "
                + version
                + ", known is "
                + VERSION
                + "): start that version to decide it");
      }
      long deliverAtMs = in.getLong();
      int queue = in.getInt();
      byte[] digest = new byte[DIGEST_BYTES];
      in.get(digest);
      return new Member(
          new QueueId(UTF_8.decode(in).toString(), queue), deliverAtMs, Bytes.wrap(digest));
    }
  }

  /**
   * What was added to a transaction.
   *
   * @param version of the register row, read before the members
   */
  record Register(long version, SortedMap<Integer, Member> members) {}

  static Bytes registerKey(Handle transaction) {
    return Decisions.rowKey(transaction.holdId());
  }

  static Bytes registerValue() {
    return Bytes.wrap(new byte[] {VERSION});
  }

  static Bytes memberKey(Handle transaction, int sequence) {
    return Bytes.wrap(
        ByteBuffer.allocate(MEMBER_KEY_BYTES)
            .putLong(transaction.a())
            .putLong(transaction.b())
            .putInt(sequence)
            .array());
  }

  /** The version of the register row; {@code Require.ABSENT} before the first addition. Blocks. */
  long version(Handle transaction) {
    return storage.tables().get(TABLE, registerKey(transaction)).map(TableRow::version).orElse(0L);
  }

  /** The message with the number, if it was added. Blocks. */
  Optional<Member> member(Handle transaction, int sequence) {
    return storage
        .tables()
        .get(TABLE, memberKey(transaction, sequence))
        .map(row -> Member.decode(row.value()));
  }

  /** Everything that was added when the version was read, perhaps more. Blocks. */
  Register read(Handle transaction) {
    long version = version(transaction);
    SortedMap<Integer, Member> members = new TreeMap<>();
    List<TableRow> rows =
        storage
            .tables()
            .scan(
                TABLE,
                registerKey(transaction),
                Optional.of(registerKey(transaction)),
                JointTransactions.MAX_HOLDS + 1);
    for (TableRow row : rows) {
      ByteBuffer key = ByteBuffer.wrap(row.key().toArray());
      members.put(key.getInt(HoldId.BYTES), Member.decode(row.value()));
    }
    return new Register(version, members);
  }
}
