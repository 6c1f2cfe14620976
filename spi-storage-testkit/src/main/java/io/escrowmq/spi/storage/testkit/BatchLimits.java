package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.regex.Pattern;

/** What every batch must satisfy before anything of it happens. */
final class BatchLimits {

  private static final Pattern TABLE_NAME = Pattern.compile("[a-z0-9-]{1,64}");

  private BatchLimits() {}

  /**
   * Checks a batch against the limits of the SPI.
   *
   * @throws StorageException.TooLarge if a size is over its limit
   * @throws IllegalArgumentException if a mutation contradicts itself or names an impossible table
   */
  static void check(WriteBatch batch) {
    checkSize("the list of mutations", batch.mutations().size(), WriteBatch.MAX_MUTATIONS);
    long total = 0;
    for (Mutation mutation : batch.mutations()) {
      total += check(mutation);
    }
    checkSize("the batch", total, WriteBatch.MAX_BYTES);
  }

  /** Returns the message, key and value bytes of the mutation. */
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
      case Mutation.Release ignored -> 0;
      case Mutation.Discard ignored -> 0;
      case Mutation.Trim ignored -> 0;
      case Mutation.Restore.Visible visible -> message(visible.queue(), visible.message());
      case Mutation.Restore.Held held -> {
        attributes(held.entry().attributes());
        yield message(held.entry().queue(), held.message());
      }
      case Mutation.Restore.Begin ignored -> 0;
      case Mutation.Restore.Decided ignored -> 0;
      case Mutation.RequireHeld ignored -> 0;
      case Mutation.Fence ignored -> 0;
    };
  }

  private static long message(QueueId queue, Message message) {
    if (!message.queueId().equals(queue)) {
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
