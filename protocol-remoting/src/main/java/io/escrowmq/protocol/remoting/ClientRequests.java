package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.Heartbeat;
import io.escrowmq.protocol.remoting.request.RemotingRequest;
import io.escrowmq.protocol.remoting.request.RemotingRequest.CheckSubscription;
import io.escrowmq.protocol.remoting.request.RemotingRequest.ConsumerList;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueLocks;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueRef;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Unregister;
import io.escrowmq.protocol.remoting.request.ResponseBodies;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Heartbeat.ConsumeFrom;
import io.escrowmq.spi.protocol.Heartbeat.ConsumeType;
import io.escrowmq.spi.protocol.Heartbeat.MessageModel;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.QueueId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Requests about a client's own state: who it is, its groups, its queue locks. Blocks. */
final class ClientRequests {
  private final BrokerServices services;
  private final int mostSubscriptions;

  /**
   * Requests of clients.
   *
   * @param mostSubscriptions groups and subscriptions that one client may have
   */
  ClientRequests(BrokerServices services, int mostSubscriptions) {
    this.services = services;
    this.mostSubscriptions = mostSubscriptions;
  }

  Answer heartbeat(Heartbeat beat, RemotingConnection from) {
    requireFew(beat);
    from.identify(beat.clientId());
    // A short heartbeat has no subscriptions in it. This server never offered the short form, so
    // the
    // client learned it from a predecessor at this address: make it send everything again.
    List<io.escrowmq.spi.protocol.Heartbeat.Consumer> consumers =
        beat.withoutSubscriptions()
            ? List.of()
            : beat.consumers().stream().map(ClientRequests::consumer).toList();
    boolean changed =
        services
            .groups()
            .heartbeat(
                from,
                new io.escrowmq.spi.protocol.Heartbeat(
                    beat.clientId(), Set.copyOf(beat.producerGroups()), consumers));
    boolean sendAll = changed || beat.withoutSubscriptions();
    return Answer.success(
        Map.of("IS_SUPPORT_HEART_BEAT_V2", "false", "IS_SUB_CHANGE", Boolean.toString(sendAll)));
  }

  private void requireFew(Heartbeat beat) {
    long wanted =
        beat.producerGroups().size()
            + beat.consumers().stream().mapToLong(it -> 1 + it.subscriptions().size()).sum();
    if (wanted > mostSubscriptions) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "client "
              + beat.clientId()
              + " has "
              + wanted
              + " groups and subscriptions, more than the "
              + mostSubscriptions
              + " allowed",
          "Spread them over several clients, or raise"
              + " escrowmq.remoting.max-subscriptions-per-client");
    }
  }

  private static io.escrowmq.spi.protocol.Heartbeat.Consumer consumer(Heartbeat.Consumer data) {
    return new io.escrowmq.spi.protocol.Heartbeat.Consumer(
        data.group(),
        data.consumeType().equals("CONSUME_ACTIVELY")
            ? ConsumeType.ACTIVELY
            : ConsumeType.PASSIVELY,
        data.broadcasting() ? MessageModel.BROADCASTING : MessageModel.CLUSTERING,
        from(data.fromWhere()),
        data.subscriptions().stream()
            .map(ClientRequests::subscription)
            .collect(Collectors.toUnmodifiableSet()));
  }

  private static ConsumeFrom from(String name) {
    return switch (name) {
      case "CONSUME_FROM_FIRST_OFFSET", "CONSUME_FROM_MIN_OFFSET" -> ConsumeFrom.FIRST_OFFSET;
      case "CONSUME_FROM_TIMESTAMP" -> ConsumeFrom.TIMESTAMP;
      default -> ConsumeFrom.LAST_OFFSET;
    };
  }

  private static Subscription subscription(RemotingRequest.Subscription data) {
    String type = data.byClass() ? Subscription.CLASS_FILTER : data.expressionType();
    return new Subscription(data.topic(), type, data.expression(), data.version());
  }

  Answer unregister(Unregister leave, RemotingConnection from) {
    String producers = leave.producerGroup();
    String consumers = leave.consumerGroup();
    services
        .groups()
        .unregister(
            from,
            leave.clientId(),
            producers == null ? "" : producers,
            consumers == null ? "" : consumers);
    return Answer.success();
  }

  Answer consumerList(ConsumerList list, RemotingConnection from) {
    // First: what changes after this, the client does not know when it shares out the queues.
    services.consuming().handover().shares(list.group(), from.clientId());
    List<String> members = services.groups().members(list.group());
    if (members.isEmpty()) {
      return Answer.refusal(
          ResponseCodes.SYSTEM_ERROR, "no consumer for this group, " + list.group());
    }
    return Answer.success(ResponseBodies.consumerList(members));
  }

  Answer checkSubscription(CheckSubscription check) {
    services.groups().checkSubscription(check.group(), subscription(check.subscription()));
    return Answer.success();
  }

  Answer lock(QueueLocks locks) {
    Set<QueueId> held = services.consuming().lock(locks.group(), locks.clientId(), queues(locks));
    List<QueueRef> granted =
        locks.queues().stream()
            .filter(queue -> held.contains(Queues.of(queue.topic(), queue.queue())))
            .toList();
    return Answer.success(ResponseBodies.lockedQueues(granted));
  }

  Answer unlock(QueueLocks locks) {
    services.consuming().unlock(locks.group(), locks.clientId(), queues(locks));
    return Answer.success();
  }

  private static Set<QueueId> queues(QueueLocks locks) {
    Set<QueueId> queues = new LinkedHashSet<>();
    for (QueueRef queue : locks.queues()) {
      queues.add(Queues.of(queue.topic(), queue.queue()));
    }
    return queues;
  }
}
