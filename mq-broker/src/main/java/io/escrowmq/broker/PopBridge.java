package io.escrowmq.broker;

import io.escrowmq.broker.filter.Filters;
import io.escrowmq.broker.filter.MessageFilter;
import io.escrowmq.broker.pop.PopHost;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import java.util.Optional;
import java.util.OptionalLong;

/** The rest of the broker, as POP sees it. */
record PopBridge(
    Gate gate,
    ReadChecks checks,
    Filters filters,
    OffsetTable offsets,
    Redelivery redelivery,
    Counters counters)
    implements PopHost {

  @Override
  public int readQueues(String group, String topic) {
    gate.checkOpen();
    checks.ensure(group);
    checks.mayConsume(group, topic);
    return checks.readable(topic).readQueues();
  }

  @Override
  public int queuesToAnswerFor(String group, String topic) {
    gate.checkOpen();
    TopicConfig found = checks.groups().contains(group) ? checks.topics().find(topic) : null;
    return found == null ? 0 : Math.max(found.readQueues(), found.writeQueues());
  }

  @Override
  public int queuesOf(String topic) {
    TopicConfig found = checks.topics().find(topic);
    return found == null ? 0 : found.readQueues();
  }

  @Override
  public MessageFilter filter(String topic, Optional<Subscription> subscription) {
    return filters.of(
        subscription.orElseGet(
            () -> new Subscription(topic, Subscription.TAG, Subscription.ALL, 0)));
  }

  @Override
  public int maxRetries(String group) {
    return checks.groups().maxRetries(group);
  }

  @Override
  public Mutation.Append deadLetter(String group, Message message) {
    return redelivery.deadLetterOf(group, message);
  }

  @Override
  public OptionalLong offset(String group, QueueId queue) {
    return offsets.settled(group, queue);
  }

  @Override
  public Mutation offsetRow(String group, QueueId queue, long offset) {
    return OffsetTable.rowOf(group, queue, offset);
  }

  @Override
  public void admit(String group) {
    checks.throttle().admit(group, checks.groups());
  }

  @Override
  public void handedOut(String group, String topic, int messages, long bytes) {
    counters.pulled(topic, group, messages, bytes);
    checks.throttle().took(group, messages);
  }

  @Override
  public long retryDelayMs(String group, int attempts) {
    return checks.groups().retryPolicy(group).delayMs(attempts).orElse(0);
  }

  @Override
  public BrokerException refusal(Throwable failure) {
    return Failures.of(failure);
  }
}
