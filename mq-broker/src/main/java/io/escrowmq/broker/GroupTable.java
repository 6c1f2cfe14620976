package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.RetryPolicy;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumer groups: rows of a table, all of them also in memory. A group is in memory only once its
 * row is durable. Thread-safe.
 */
final class GroupTable {

  private static final Logger LOG = LoggerFactory.getLogger(GroupTable.class);
  static final String TABLE = GroupCodec.TABLE;

  private final Storage storage;
  private final TimeSource time;
  private final BrokerSettings.Topics settings;
  private final ReadBans bans;
  private final Map<String, GroupConfig> groups = new ConcurrentHashMap<>();

  /** Loads every group; blocks. */
  GroupTable(Storage storage, TimeSource time, BrokerSettings.Topics settings) {
    this.storage = storage;
    this.time = time;
    this.settings = settings;
    this.bans = new ReadBans(storage);
    for (TableRow row : TableScan.all(storage.tables(), TABLE)) {
      GroupConfig group = GroupCodec.decode(row);
      groups.put(group.name(), group);
    }
  }

  boolean contains(String group) {
    return groups.containsKey(group);
  }

  int count() {
    return groups.size();
  }

  /** The group with the broker's settings where it has none of its own, or null. */
  @Nullable GroupConfig find(String group) {
    GroupConfig found = groups.get(group);
    return found == null ? null : resolved(found);
  }

  /** All groups, in name order. */
  List<GroupConfig> list() {
    return groups.values().stream()
        .map(this::resolved)
        .sorted(Comparator.comparing(GroupConfig::name))
        .toList();
  }

  /** Attempts after the first before a message of the group goes to the dead letters. */
  int maxRetries(String group) {
    GroupConfig found = groups.get(group);
    return found == null || found.maxRetries() < 0
        ? settings.maxReconsumeTimes()
        : found.maxRetries();
  }

  /** The group as it was configured, or null. Asked by every pull. */
  @Nullable GroupConfig stored(String group) {
    return groups.get(group);
  }

  /** Topics that groups may not read. */
  ReadBans bans() {
    return bans;
  }

  /** How long messages wait that the group gave back. */
  RetryPolicy retryPolicy(String group) {
    GroupConfig found = groups.get(group);
    return found == null ? RetryPolicy.LEVELS : found.retryPolicy();
  }

  /** Whether members are told at once when others come or go. */
  boolean notifies(String group) {
    GroupConfig found = groups.get(group);
    return found == null || found.notifies();
  }

  /** Creates the group with its retry topic if it is missing and that is allowed; may block. */
  void ensure(String group, Topics topics) {
    if (groups.containsKey(group)) {
      return;
    }
    TopicNames.checkGroup(group);
    if (!settings.autoCreate()) {
      throw new BrokerException(
          ErrorCode.GROUP_NOT_FOUND,
          "consumer group " + group + " does not exist and auto-creation is off",
          "Create the group, or switch on auto-creation.");
    }
    write(GroupConfig.of(group, GroupCodec.BROKERS_RETRIES), topics);
    LOG.info("consumer group {} created", group);
  }

  /** Stores a group, and its retry topic with as many queues as it wants; blocks. */
  void write(GroupConfig group, Topics topics) {
    WriteBatch.Builder batch = WriteBatch.builder();
    batch.add(
        new Mutation.Put(
            TABLE, GroupCodec.key(group.name()), GroupCodec.value(group, time.nowMs())));
    TopicConfig retry = TopicConfig.of(TopicNames.retryOf(group.name()), group.retryQueues());
    TopicConfig known = topics.find(retry.name());
    boolean changes = known == null || known.writeQueues() != retry.writeQueues();
    if (changes) {
      batch.add(Topics.putOf(retry));
    }
    Failures.await(storage.write(batch.build()));
    if (changes) {
      topics.written(retry);
    }
    groups.put(group.name(), group);
  }

  /** Removes a group's row; blocks. */
  void remove(String group) {
    Failures.await(storage.write(WriteBatch.of(new Mutation.Delete(TABLE, GroupCodec.key(group)))));
    groups.remove(group);
    bans.forget(group);
    LOG.info("consumer group {} deleted", group);
  }

  private GroupConfig resolved(GroupConfig group) {
    return group.maxRetries() >= 0
        ? group
        : new GroupConfig(
            group.name(),
            group.consumes(),
            group.broadcasts(),
            group.ordered(),
            group.notifies(),
            group.retryQueues(),
            settings.maxReconsumeTimes(),
            group.attributes(),
            group.others(),
            group.retryPolicy());
  }
}
