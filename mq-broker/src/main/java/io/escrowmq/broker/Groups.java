package io.escrowmq.broker;

import io.escrowmq.broker.filter.Filters;
import io.escrowmq.broker.filter.MessageFilter;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.GroupServices;
import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.Subscription;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Clients and their groups, as they announce themselves. */
final class Groups implements GroupServices {

  private static final Logger LOG = LoggerFactory.getLogger(Groups.class);

  private final GroupTable table;
  private final Topics topics;
  private final Filters filters;
  private final Clients clients;
  private final ConsumerGroups consumers;
  private final ProducerGroups producers;
  private final StartOffsets startOffsets;

  Groups(Registry registry, Topics topics, Filters filters, StartOffsets startOffsets) {
    this.table = registry.table();
    this.clients = registry.clients();
    this.consumers = registry.consumers();
    this.producers = registry.producers();
    this.topics = topics;
    this.filters = filters;
    this.startOffsets = startOffsets;
  }

  /** Who is there: the four registers of clients and groups. */
  record Registry(
      GroupTable table, Clients clients, ConsumerGroups consumers, ProducerGroups producers) {}

  @Override
  public boolean heartbeat(ClientConnection connection, Heartbeat heartbeat) {
    Membership member = new Membership(connection, heartbeat.clientId());
    clients.seen(member);
    heartbeat.producerGroups().forEach(group -> producers.join(member, group));
    boolean changed = false;
    for (Heartbeat.Consumer consumer : heartbeat.consumers()) {
      changed |= join(member, consumer);
    }
    if (!connection.isOpen()) {
      // It closed while we registered it, and its farewell may have come too early to be heard.
      connectionClosed(connection);
    }
    return changed;
  }

  @Override
  public void unregister(
      ClientConnection connection, String clientId, String producerGroup, String consumerGroup) {
    Membership member = new Membership(connection, clientId);
    if (!producerGroup.isEmpty()) {
      producers.leave(member, producerGroup);
    }
    if (!consumerGroup.isEmpty()) {
      consumers.leave(member, consumerGroup);
    }
  }

  @Override
  public void connectionClosed(ClientConnection connection) {
    clients.forget(connection);
    producers.leaveAll(connection);
    consumers.leaveAll(connection);
  }

  @Override
  public List<String> members(String consumerGroup) {
    return consumers.members(consumerGroup);
  }

  @Override
  public void checkSubscription(String consumerGroup, Subscription subscription) {
    MessageFilter _ = filters.of(subscription);
  }

  /** Lets clients go that were silent for too long. */
  void expire() {
    for (ClientConnection silent : clients.silent()) {
      LOG.info("client on {} was silent for too long and leaves its groups", silent.id());
      connectionClosed(silent);
    }
  }

  private boolean join(Membership member, Heartbeat.Consumer consumer) {
    try {
      table.ensure(consumer.group(), topics);
    } catch (BrokerException e) {
      // The other groups of this client must not suffer; its pulls will be told the reason.
      LOG.warn("client {} is not in its group: {}", member.clientId(), e.describe());
      return false;
    }
    // First: once the member is known it may ask for its offsets.
    List<Subscription> added = consumers.added(member, consumer);
    added.forEach(it -> fixStart(consumer, it));
    boolean changed = consumers.join(member, consumer);
    if (changed || !added.isEmpty()) {
      consumer.subscriptions().forEach(it -> report(member, consumer, it));
    }
    return changed;
  }

  /** Says so if a filter is wrong: the client stays in its group, but its pulls will be refused. */
  private void report(Membership member, Heartbeat.Consumer consumer, Subscription subscription) {
    try {
      checkSubscription(consumer.group(), subscription);
    } catch (BrokerException e) {
      LOG.warn(
          "client {} of group {} gets no messages: {}",
          member.clientId(),
          consumer.group(),
          e.describe());
    }
  }

  private void fixStart(Heartbeat.Consumer consumer, Subscription subscription) {
    try {
      startOffsets.subscribed(consumer, subscription);
    } catch (RuntimeException e) {
      // Consuming goes on while the store takes no writes; the offset is kept in memory.
      LOG.warn(
          "the start of group {} on topic {} could not be stored: {}",
          consumer.group(),
          subscription.topic(),
          e.getMessage());
    }
  }
}
