package io.escrowmq.storage.commitlog.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.List;

/**
 * Where each record of a batch goes in its frame, computed before space is claimed, so that nothing
 * can fail afterwards. Checks the limits of the SPI. Immutable.
 */
public final class FramePlan {

  private static final int NO_RECORD = -1;

  private final List<Mutation> mutations;
  private final int[] recordAt;
  private final int[] lengths;
  private final int records;
  private final int usedBytes;

  /**
   * Plans a batch.
   *
   * @throws StorageException.TooLarge if a size is over its limit
   * @throws IllegalArgumentException if a mutation contradicts itself or names an impossible table
   */
  public FramePlan(WriteBatch batch) {
    mutations = batch.mutations();
    int count = mutations.size();
    checkSize("the list of mutations", count, WriteBatch.MAX_MUTATIONS);
    recordAt = new int[count];
    lengths = new int[count];
    int stored = 0;
    long total = 0;
    for (int i = 0; i < count; i++) {
      Mutation mutation = mutations.get(i);
      total += checked(mutation);
      checkSize("the batch", total, WriteBatch.MAX_BYTES);
      lengths[i] = recordLength(mutation);
      if (lengths[i] != NO_RECORD) {
        stored++;
      }
    }
    int at = FrameLayout.recordsAt(stored);
    for (int i = 0; i < count; i++) {
      recordAt[i] = at;
      if (lengths[i] != NO_RECORD) {
        at += FrameLayout.recordAligned(lengths[i]);
      }
    }
    records = stored;
    usedBytes = at;
  }

  /** The batch's mutations. */
  public List<Mutation> mutations() {
    return mutations;
  }

  /** Bytes of the frame, a multiple of the alignment. */
  public int frameBytes() {
    return FrameLayout.aligned(usedBytes);
  }

  /** Number of records: mutations that are not preconditions. */
  public int records() {
    return records;
  }

  boolean stored(int mutation) {
    return lengths[mutation] != NO_RECORD;
  }

  int recordAt(int mutation) {
    return recordAt[mutation];
  }

  int length(int mutation) {
    return lengths[mutation];
  }

  /** True for a mutation that only asks and leaves no record. */
  public static boolean isPrecondition(Mutation mutation) {
    return mutation instanceof Mutation.Require
        || mutation instanceof Mutation.RequireHeld
        || mutation instanceof Mutation.Fence;
  }

  private static int recordLength(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Append append -> RecordType.APPEND.fixedBytes() + append.message().size();
      case Mutation.Hold hold ->
          RecordType.HOLD.fixedBytes() + hold.attributes().size() + hold.message().size();
      case Mutation.Release ignored -> RecordType.RELEASE.fixedBytes();
      case Mutation.Discard ignored -> RecordType.DISCARD.fixedBytes();
      case Mutation.Reschedule change ->
          RecordType.RESCHEDULE.fixedBytes() + change.attributes().size();
      case Mutation.Put put ->
          RecordType.PUT.fixedBytes()
              + put.table().length()
              + put.key().size()
              + put.value().size();
      case Mutation.Delete delete ->
          RecordType.DELETE.fixedBytes() + delete.table().length() + delete.key().size();
      case Mutation.Trim trim ->
          RecordType.TRIM.fixedBytes() + trim.queue().topic().getBytes(UTF_8).length;
      case Mutation.Restore.Begin begin ->
          RecordType.BEGIN.fixedBytes() + begin.queue().topic().getBytes(UTF_8).length;
      case Mutation.Restore.Visible visible ->
          RecordType.RESTORED.fixedBytes() + visible.message().size();
      case Mutation.Restore.Held held ->
          RecordType.RESTORED_HOLD.fixedBytes()
              + held.entry().attributes().size()
              + held.message().size();
      case Mutation.Restore.Decided ignored -> RecordType.RESTORED_DECISION.fixedBytes();
      case Mutation.Require ignored -> NO_RECORD;
      case Mutation.RequireHeld ignored -> NO_RECORD;
      case Mutation.Fence ignored -> NO_RECORD;
    };
  }

  /** Returns the message, key and value bytes of the mutation. */
  private static long checked(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Append append -> message(append.queue(), append.message());
      case Mutation.Hold hold -> {
        attributes(hold.attributes());
        yield message(hold.queue(), hold.message());
      }
      case Mutation.Reschedule change -> attributes(change.attributes());
      case Mutation.Put put -> {
        checkSize("the value", put.value().size(), Tables.MAX_VALUE_BYTES);
        yield key(put.table(), put.key()) + put.value().size();
      }
      case Mutation.Delete delete -> key(delete.table(), delete.key());
      case Mutation.Require require -> key(require.table(), require.key());
      case Mutation.Restore.Visible visible -> message(visible.queue(), visible.message());
      case Mutation.Restore.Held held -> {
        attributes(held.entry().attributes());
        yield message(held.entry().queue(), held.message());
      }
      case Mutation.Restore.Begin ignored -> 0;
      case Mutation.Restore.Decided ignored -> 0;
      case Mutation.Release ignored -> 0;
      case Mutation.Discard ignored -> 0;
      case Mutation.Trim ignored -> 0;
      case Mutation.RequireHeld ignored -> 0;
      case Mutation.Fence ignored -> 0;
    };
  }

  private static long message(QueueId queue, Message message) {
    if (message.queue() != queue.queue() || !message.topic().equals(queue.topic())) {
      throw new IllegalArgumentException(
          "the message is addressed to " + message.queueId() + ", the mutation to " + queue);
    }
    return message.size();
  }

  private static long attributes(Bytes attributes) {
    checkSize("the attributes", attributes.size(), Mutation.Hold.MAX_ATTRIBUTES_BYTES);
    return 0;
  }

  private static long key(String table, Bytes key) {
    if (!isTableName(table)) {
      throw new IllegalArgumentException(
          "a table name has 1 to 64 characters of [a-z0-9-]: " + table);
    }
    if (key.size() == 0) {
      throw new IllegalArgumentException("a key of table " + table + " has at least one byte");
    }
    checkSize("the key", key.size(), Tables.MAX_KEY_BYTES);
    return key.size();
  }

  private static boolean isTableName(String table) {
    int length = table.length();
    if (length < 1 || length > 64) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = table.charAt(i);
      boolean allowed = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-';
      if (!allowed) {
        return false;
      }
    }
    return true;
  }

  private static void checkSize(String what, long size, long limit) {
    if (size > limit) {
      throw new StorageException.TooLarge(what, size, limit);
    }
  }
}
