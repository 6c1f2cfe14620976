package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A batch within every limit, with its messages copied into columns.
 *
 * @param mutations as given; their messages must not be touched any more
 * @param rows the message of each append and hold, null elsewhere
 * @param durable whether the commit must reach the disk
 * @param bytes message, key and value bytes
 * @param taken rows of an intake that go when this comes
 */
record PreparedBatch(
    List<Mutation> mutations,
    List<@Nullable MessageRow> rows,
    boolean durable,
    long bytes,
    Optional<TakenRows> taken) {

  private static final Pattern TABLE_NAME = Pattern.compile("[a-z0-9-]{1,64}");

  /**
   * Checks and copies.
   *
   * @throws StorageException.TooLarge if a size is over its limit
   * @throws IllegalArgumentException if a mutation contradicts itself or names an impossible table
   */
  static PreparedBatch of(WriteBatch batch, Durability fallback) {
    Durability durability = batch.durability().orElse(fallback);
    if (durability == Durability.REPLICATED) {
      throw new IllegalArgumentException(
          "the jdbc engine does not know of replicas: let the database replicate, and choose"
              + " durability written or durable");
    }
    checkSize("the list of mutations", batch.mutations().size(), WriteBatch.MAX_MUTATIONS);
    long bytes = 0;
    for (Mutation mutation : batch.mutations()) {
      bytes += check(mutation);
    }
    checkSize("the batch", bytes, WriteBatch.MAX_BYTES);
    @Nullable MessageRow[] rows = new MessageRow[batch.mutations().size()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = rowOf(batch.mutations().get(i));
    }
    return new PreparedBatch(
        batch.mutations(),
        java.util.Arrays.asList(rows),
        durability != Durability.WRITTEN,
        bytes,
        Optional.empty());
  }

  /** The same, in exchange for rows of an intake. */
  PreparedBatch taking(TakenRows rowsOfIntake) {
    return new PreparedBatch(mutations, rows, durable, bytes, Optional.of(rowsOfIntake));
  }

  /** The message of the i-th mutation, which is an append or a hold. */
  MessageRow row(int index) {
    MessageRow row = rows.get(index);
    if (row == null) {
      throw new IllegalStateException("mutation " + index + " carries no message");
    }
    return row;
  }

  private static @Nullable MessageRow rowOf(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Append append -> MessageRow.of(append.message());
      case Mutation.Hold hold -> MessageRow.of(hold.message());
      case Mutation.Restore.Visible visible -> MessageRow.of(visible.message());
      case Mutation.Restore.Held held -> MessageRow.of(held.message());
      default -> null;
    };
  }

  private static long check(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Append append -> message(append.queue(), append.message());
      case Mutation.Hold hold -> {
        attributes(hold.attributes());
        yield message(hold.queue(), hold.message());
      }
      case Mutation.Reschedule reschedule -> attributes(reschedule.attributes());
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
    if (!message.queueId().equals(queue)) {
      throw new IllegalArgumentException(
          "the message is addressed to " + message.queueId() + ", the mutation to " + queue);
    }
    if (queue.topic().indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a topic name without NUL characters is needed: databases do not store them");
    }
    return message.size();
  }

  private static long attributes(Bytes attributes) {
    checkSize("the attributes", attributes.size(), Mutation.Hold.MAX_ATTRIBUTES_BYTES);
    return 0;
  }

  private static long key(String table, Bytes key) {
    if (!TABLE_NAME.matcher(table).matches()) {
      throw new IllegalArgumentException(
          "a table name has 1 to 64 characters of [a-z0-9-]: " + table);
    }
    if (key.size() == 0) {
      throw new IllegalArgumentException("a key of table " + table + " has at least one byte");
    }
    checkSize("the key", key.size(), Tables.MAX_KEY_BYTES);
    return key.size();
  }

  private static void checkSize(String what, long size, long limit) {
    if (size > limit) {
      throw new StorageException.TooLarge(what, size, limit);
    }
  }
}
