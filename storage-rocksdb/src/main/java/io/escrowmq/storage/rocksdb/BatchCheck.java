package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;

/** What every batch must satisfy before anything of it happens. Stateless. */
final class BatchCheck {

  private static final int MAX_TABLE_NAME = 64;

  private BatchCheck() {}

  /**
   * Checks a batch against the limits of the SPI; returns its size in bytes.
   *
   * @throws StorageException.TooLarge if a size is over its limit
   * @throws IllegalArgumentException if a mutation contradicts itself or names an impossible table
   */
  static long check(WriteBatch batch) {
    size("the list of mutations", batch.mutations().size(), WriteBatch.MAX_MUTATIONS);
    long total = 0;
    for (Mutation mutation : batch.mutations()) {
      total += check(mutation);
    }
    size("the batch", total, WriteBatch.MAX_BYTES);
    return total;
  }

  private static long check(Mutation mutation) {
    // Appends are most of what is ever written, and a type test is cheaper than a switch.
    if (mutation instanceof Mutation.Append append) {
      return message(append.queue(), append.message());
    }
    return switch (mutation) {
      case Mutation.Append append -> message(append.queue(), append.message());
      case Mutation.Hold hold -> {
        attributes(hold.attributes());
        yield message(hold.queue(), hold.message());
      }
      case Mutation.Reschedule change -> attributes(change.attributes());
      case Mutation.Put put -> {
        size("the value", put.value().size(), Tables.MAX_VALUE_BYTES);
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
    size("the attributes", attributes.size(), Mutation.Hold.MAX_ATTRIBUTES_BYTES);
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
    size("the key", key.size(), Tables.MAX_KEY_BYTES);
    return key.size();
  }

  private static boolean isTableName(String table) {
    return !table.isEmpty()
        && table.length() <= MAX_TABLE_NAME
        && table.chars().allMatch(BatchCheck::isTableCharacter);
  }

  private static boolean isTableCharacter(int c) {
    return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-';
  }

  private static void size(String what, long size, long limit) {
    if (size > limit) {
      throw new StorageException.TooLarge(what, size, limit);
    }
  }
}
