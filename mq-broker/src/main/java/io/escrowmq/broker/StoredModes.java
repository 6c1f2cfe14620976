package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.RequestModes;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Request modes as rows of the table {@code request-modes}: key {@code topic@group} in UTF-8, value
 * one byte, 1 for pop, and int32 with how many members a member shares its queues.
 */
final class StoredModes implements RequestModes {

  private static final Logger LOG = LoggerFactory.getLogger(StoredModes.class);
  private static final String TABLE = "request-modes";
  private static final char BETWEEN = '@';
  private static final byte POPS = 1;
  private static final byte PULLS = 0;

  private final Storage storage;
  private final Topics topics;
  private final GroupTable groups;

  StoredModes(Storage storage, Topics topics, GroupTable groups) {
    this.storage = storage;
    this.topics = topics;
    this.groups = groups;
  }

  @Override
  public Optional<Mode> find(String consumerGroup, String topic) {
    return Failures.translate(
        () -> storage.tables().get(TABLE, key(consumerGroup, topic)).map(StoredModes::decode));
  }

  @Override
  public List<Mode> all() {
    return Failures.translate(
        () -> TableScan.all(storage.tables(), TABLE).stream().map(StoredModes::decode).toList());
  }

  @Override
  public void set(Mode mode) {
    if (TopicNames.isRetry(mode.topic())) {
      throw new BrokerException(
          ErrorCode.NO_PERMISSION,
          "the retry topic " + mode.topic() + " is always pulled",
          "Set the mode of the topic that the group subscribes to.");
    }
    topics.require(mode.topic());
    if (!groups.contains(mode.consumerGroup())) {
      throw new BrokerException(
          ErrorCode.GROUP_NOT_FOUND,
          "consumer group " + mode.consumerGroup() + " does not exist",
          "Create the group (mqadmin updateSubGroup), or start a consumer of it.");
    }
    ByteBuffer value = ByteBuffer.allocate(1 + Integer.BYTES);
    value.put(mode.pops() ? POPS : PULLS).putInt(mode.sharedQueues());
    Mutation put =
        new Mutation.Put(TABLE, key(mode.consumerGroup(), mode.topic()), Bytes.wrap(value.array()));
    Failures.await(storage.write(WriteBatch.of(put)));
    LOG.info(
        "group {} {} topic {} from now on",
        mode.consumerGroup(),
        mode.pops() ? "pops" : "pulls",
        mode.topic());
  }

  private static Bytes key(String group, String topic) {
    return Bytes.utf8(topic + BETWEEN + group);
  }

  private static Mode decode(TableRow row) {
    String key = row.key().asUtf8();
    int at = key.indexOf(BETWEEN);
    ByteBuffer value = ByteBuffer.wrap(row.value().toArray());
    return new Mode(
        key.substring(at + 1), key.substring(0, at), value.get() == POPS, value.getInt());
  }
}
