package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.GroupProgress;
import io.escrowmq.spi.protocol.ReadRules;
import io.escrowmq.spi.protocol.RetryPolicy;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.storage.QueueId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Groups, for operators. */
final class Directory implements GroupDirectory {

  private static final Logger LOG = LoggerFactory.getLogger(Directory.class);
  private static final int MOST_RETRIES = 10_000;
  private static final long LONGEST_DELAY_MS = Duration.ofDays(365).toMillis();

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
    checkPolicy(group);
    Throttle.check(group);
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
  public GroupProgress progress() {
    return new StoredProgress(offsets, registry.consumers());
  }

  @Override
  public ReadRules readRules() {
    return new StoredReadRules(registry.table(), topics);
  }

  /** As the offsets are stored. */
  private record StoredProgress(OffsetTable offsets, ConsumerGroups consumers)
      implements GroupProgress {

    @Override
    public Map<QueueId, Long> of(String consumerGroup) {
      return Failures.translate(() -> offsets.all(consumerGroup));
    }

    @Override
    public Map<String, Map<QueueId, Long>> all() {
      return Failures.translate(offsets::all);
    }

    @Override
    public void announce(String consumerGroup, String topic, Map<QueueId, Long> moved) {
      ServerPush push = new ServerPush.OffsetsReset(topic, consumerGroup, moved, Map.of());
      for (Consumer member : consumers.all(consumerGroup)) {
        // One that is deaf now closes, and reads its offset again when it comes back.
        boolean _ = member.connection().push(push);
      }
    }
  }

  /** As they are kept beside the groups. */
  private record StoredReadRules(GroupTable groups, Topics topics) implements ReadRules {

    @Override
    public Set<String> forbidden(String consumerGroup) {
      return groups.bans().of(consumerGroup);
    }

    @Override
    public void forbid(String consumerGroup, String topic, boolean forbidden) {
      topics.require(topic);
      if (!groups.contains(consumerGroup)) {
        throw new BrokerException(
            ErrorCode.GROUP_NOT_FOUND,
            "consumer group " + consumerGroup + " does not exist",
            "Create it, or check its name.");
      }
      groups.bans().set(consumerGroup, topic, forbidden);
      LOG.info(
          "consumer group {} may {}read topic {}", consumerGroup, forbidden ? "not " : "", topic);
    }
  }

  private static void checkPolicy(GroupConfig group) {
    boolean legal =
        switch (group.retryPolicy()) {
          case RetryPolicy.Levels _ -> true;
          case RetryPolicy.Exponential growing ->
              growing.initialMs() >= 1
                  && growing.maxMs() >= growing.initialMs()
                  && growing.maxMs() <= LONGEST_DELAY_MS
                  && growing.multiplier() >= 1;
          case RetryPolicy.Customized listed ->
              !listed.delaysMs().isEmpty()
                  && listed.delaysMs().size() <= MOST_RETRIES
                  && listed.delaysMs().stream()
                      .allMatch(delayMs -> delayMs >= 0 && delayMs <= LONGEST_DELAY_MS);
        };
    if (!legal) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "group " + group.name() + " cannot have the retry policy " + group.retryPolicy(),
          "Give delays from 0 to "
              + LONGEST_DELAY_MS
              + " ms; an exponential policy needs an initial delay and a multiplier of at least 1"
              + " and a longest delay that is no shorter than the initial one.");
    }
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
