package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Groups, for operators. */
final class Directory implements GroupDirectory {

  private static final Logger LOG = LoggerFactory.getLogger(Directory.class);
  private static final int MOST_RETRIES = 10_000;

  private final Groups.Registry registry;
  private final Topics topics;
  private final OffsetTable offsets;
  private final int mostQueues;

  Directory(Groups.Registry registry, Topics topics, OffsetTable offsets, int mostQueues) {
    this.registry = registry;
    this.topics = topics;
    this.offsets = offsets;
    this.mostQueues = mostQueues;
  }

  @Override
  public List<GroupConfig> list() {
    return registry.table().list();
  }

  @Override
  public Optional<GroupConfig> find(String consumerGroup) {
    return Optional.ofNullable(registry.table().find(consumerGroup));
  }

  @Override
  public void createOrUpdate(GroupConfig group) {
    TopicNames.checkGroup(group.name());
    checkNumber(group, "retry queues", group.retryQueues(), 1, mostQueues);
    checkNumber(group, "retries", group.maxRetries(), 0, MOST_RETRIES);
    registry.table().write(group, topics);
    LOG.info("consumer group {} created or changed: {}", group.name(), group);
  }

  @Override
  public void delete(String consumerGroup, boolean withOffsets) {
    if (registry.table().contains(consumerGroup)) {
      registry.table().remove(consumerGroup);
      topics.delete(TopicNames.retryOf(consumerGroup));
      topics.delete(TopicNames.deadLetterOf(consumerGroup));
    }
    if (withOffsets) {
      boolean _ =
          Failures.translate(() -> {
            offsets.forget(consumerGroup);
            return true;
          });
    }
  }

  @Override
  public List<Consumer> consumers(String consumerGroup) {
    return registry.consumers().all(consumerGroup);
  }

  @Override
  public Map<String, List<Producer>> producers() {
    return registry.producers().all();
  }

  @Override
  public Map<QueueId, Long> offsets(String consumerGroup) {
    return Failures.translate(() -> offsets.all(consumerGroup));
  }

  private static void checkNumber(GroupConfig group, String what, int number, int least, int most) {
    if (number < least || number > most) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "group " + group.name() + " cannot have " + number + " " + what,
          "Use " + least + " to " + most + ".");
    }
  }
}
