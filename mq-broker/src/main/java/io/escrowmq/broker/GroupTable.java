package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which consumer groups exist: rows of the table {@code groups}, key the name in UTF-8, value int8
 * version (1) and int64 time of creation in milliseconds; all of them also in memory. Thread-safe.
 */
final class GroupTable {

  private static final Logger LOG = LoggerFactory.getLogger(GroupTable.class);
  static final String TABLE = "groups";
  private static final byte VERSION = 1;

  private final Storage storage;
  private final TimeSource time;
  private final boolean autoCreate;
  private final Set<String> groups = ConcurrentHashMap.newKeySet();

  /** Loads every group; blocks. */
  GroupTable(Storage storage, TimeSource time, boolean autoCreate) {
    this.storage = storage;
    this.time = time;
    this.autoCreate = autoCreate;
    for (TableRow row : TableScan.all(storage.tables(), TABLE)) {
      groups.add(row.key().asUtf8());
    }
  }

  boolean contains(String group) {
    return groups.contains(group);
  }

  int count() {
    return groups.size();
  }

  /** Creates the group with its retry topic if it is missing and that is allowed; may block. */
  void ensure(String group, Topics topics) {
    if (groups.contains(group)) {
      return;
    }
    TopicNames.checkGroup(group);
    if (!autoCreate) {
      throw new BrokerException(
          ErrorCode.GROUP_NOT_FOUND,
          "consumer group " + group + " does not exist and auto-creation is off",
          "Create the group, or switch on auto-creation.");
    }
    ByteBuffer value = ByteBuffer.allocate(1 + Long.BYTES).put(VERSION).putLong(time.nowMs());
    WriteBatch.Builder batch = WriteBatch.builder();
    batch.add(new Mutation.Put(TABLE, Bytes.utf8(group), Bytes.wrap(value.array())));
    if (topics.find(TopicNames.retryOf(group)) == null) {
      batch.add(Topics.retryTopicRow(group));
    }
    Failures.await(storage.write(batch.build()));
    topics.retryTopicWritten(group);
    groups.add(group);
    LOG.info("consumer group {} created", group);
  }
}
