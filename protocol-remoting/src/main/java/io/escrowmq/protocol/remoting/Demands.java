package io.escrowmq.protocol.remoting;

import static io.escrowmq.spi.protocol.security.Resource.group;
import static io.escrowmq.spi.protocol.security.Resource.topic;

import io.escrowmq.protocol.remoting.request.Heartbeat;
import io.escrowmq.protocol.remoting.request.JointCommand;
import io.escrowmq.protocol.remoting.request.RemotingRequest;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Administer;
import io.escrowmq.protocol.remoting.request.RemotingRequest.CheckSubscription;
import io.escrowmq.protocol.remoting.request.RemotingRequest.ConsumerList;
import io.escrowmq.protocol.remoting.request.RemotingRequest.CreateTopic;
import io.escrowmq.protocol.remoting.request.RemotingRequest.EarliestStoreTime;
import io.escrowmq.protocol.remoting.request.RemotingRequest.EndTransaction;
import io.escrowmq.protocol.remoting.request.RemotingRequest.HeartBeat;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Joint;
import io.escrowmq.protocol.remoting.request.RemotingRequest.LockQueues;
import io.escrowmq.protocol.remoting.request.RemotingRequest.MaxOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.MinOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.OffsetByTime;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Popping;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Pull;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueryMessage;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueryOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueLocks;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueRef;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Recall;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Route;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Send;
import io.escrowmq.protocol.remoting.request.RemotingRequest.SendBack;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Subscription;
import io.escrowmq.protocol.remoting.request.RemotingRequest.UnlockQueues;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Unregister;
import io.escrowmq.protocol.remoting.request.RemotingRequest.UpdateOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.ViewMessage;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.Need;
import io.escrowmq.spi.protocol.security.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What each request of producers and consumers needs. There is no default: a request that is not
 * here does not compile. Where RocketMQ's own rules (ACL 2.0) ask for one of several actions, so do
 * these; a user's access control list works here as it does there.
 */
final class Demands {
  private static final Set<Action> PUB = Set.of(Action.PUB);
  private static final Set<Action> SUB = Set.of(Action.SUB);

  /** Consumers look at these with the right to consume, operators with the right to look. */
  static final Set<Action> SUB_OR_GET = Set.of(Action.SUB, Action.GET);

  private static final Set<Action> SUB_OR_UPDATE = Set.of(Action.SUB, Action.UPDATE);

  private final ToolDemands tools;
  private final PopDemands pops;

  /**
   * Rules for a server of this cluster.
   *
   * @param cluster its name
   */
  Demands(String cluster) {
    this.tools = new ToolDemands(Resource.cluster(cluster));
    this.pops = new PopDemands(Resource.cluster(cluster));
  }

  Demand of(RemotingRequest request) {
    return switch (request) {
      // A client that may not use a topic must get as far as the refusal that says so.
      case Route _ -> Demand.nothing();
      case Send send -> send(send);
      case Recall recall -> Demand.of(PUB, topic(recall.topic()));
      case EndTransaction end -> end(end);
      case Pull pull -> Demand.of(SUB, topic(pull.topic()), group(pull.group()));
      case Joint joint -> joint(joint.command());
      case Popping popping -> pops.of(popping.command());
      case SendBack back ->
          new Demand.NeedsMessage(
              List.of(new Need(group(back.group()), Action.SUB)), back.position(), SUB);
      case HeartBeat beat -> heartbeat(beat.heartbeat());
      case Unregister leave ->
          leave.consumerGroup() == null
              ? Demand.nothing()
              : Demand.of(SUB, group(leave.consumerGroup()));
      case CheckSubscription check -> subscription(check);
      case ConsumerList list -> Demand.of(SUB_OR_GET, group(list.group()));
      case LockQueues lock -> locks(lock.locks());
      case UnlockQueues unlock -> locks(unlock.locks());
      case QueryOffset query -> Demand.of(SUB_OR_GET, topic(query.topic()), group(query.group()));
      case UpdateOffset update ->
          Demand.of(SUB_OR_UPDATE, topic(update.topic()), group(update.group()));
      case OffsetByTime query -> Demand.of(SUB_OR_GET, topic(query.topic()));
      case MaxOffset query -> Demand.of(SUB_OR_GET, topic(query.topic()));
      case MinOffset query -> Demand.of(SUB_OR_GET, topic(query.topic()));
      case EarliestStoreTime query -> Demand.of(SUB_OR_GET, topic(query.topic()));
      case QueryMessage query -> Demand.of(SUB_OR_GET, topic(query.topic()));
      case ViewMessage view -> new Demand.NeedsMessage(List.of(), view.position(), SUB_OR_GET);
      case CreateTopic create -> tools.create(List.of(create));
      case Administer ask -> tools.of(ask.request());
    };
  }

  /** A message that a consumer sends to its retry topic is consuming, not producing. */
  private static Demand send(Send send) {
    Resource target = topic(send.topic());
    return switch (target.type()) {
      case TOPIC, CLUSTER -> Demand.of(PUB, target);
      case GROUP -> Demand.of(SUB, target);
    };
  }

  /** Old clients do not say the topic; the handle that they were given cannot be guessed. */
  private static Demand end(EndTransaction end) {
    if (JointServices.TOPIC.equals(end.topic())) {
      return Demand.of(PUB, group(end.producerGroup()));
    }
    return end.topic() == null ? Demand.nothing() : Demand.of(PUB, topic(end.topic()));
  }

  /**
   * Whoever knows a key could find somebody else's transaction, so the group must be granted. It is
   * the topics that a message needs, whoever decides about it later.
   */
  private static Demand joint(JointCommand command) {
    return switch (command) {
      case JointCommand.Add add ->
          Demand.of(PUB, topic(add.message().topic()), group(add.producerGroup()));
      case JointCommand.Open _, JointCommand.Decide _, JointCommand.View _ ->
          Demand.of(PUB, group(command.producerGroup()));
    };
  }

  private static Demand heartbeat(Heartbeat beat) {
    List<Need> needs = new ArrayList<>();
    for (Heartbeat.Consumer consumer : beat.consumers()) {
      needs.add(new Need(group(consumer.group()), SUB));
      for (Subscription subscription : consumer.subscriptions()) {
        needs.add(new Need(topic(subscription.topic()), SUB));
      }
    }
    return new Demand.Needs(needs);
  }

  private static Demand subscription(CheckSubscription check) {
    return Demand.of(SUB, group(check.group()), topic(check.subscription().topic()));
  }

  private static Demand locks(QueueLocks locks) {
    List<Need> needs = new ArrayList<>();
    needs.add(new Need(group(locks.group()), SUB));
    locks.queues().stream()
        .map(QueueRef::topic)
        .distinct()
        .forEach(name -> needs.add(new Need(topic(name), SUB)));
    return new Demand.Needs(needs);
  }
}
