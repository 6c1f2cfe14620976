package io.escrowmq.protocol.remoting;

import static io.escrowmq.spi.protocol.security.Resource.group;
import static io.escrowmq.spi.protocol.security.Resource.topic;

import io.escrowmq.protocol.remoting.request.PopCommand;
import io.escrowmq.protocol.remoting.request.PopCommand.Ack;
import io.escrowmq.protocol.remoting.request.PopCommand.AllModes;
import io.escrowmq.protocol.remoting.request.PopCommand.BatchAck;
import io.escrowmq.protocol.remoting.request.PopCommand.ChangeInvisible;
import io.escrowmq.protocol.remoting.request.PopCommand.Notification;
import io.escrowmq.protocol.remoting.request.PopCommand.Peek;
import io.escrowmq.protocol.remoting.request.PopCommand.PollingInfo;
import io.escrowmq.protocol.remoting.request.PopCommand.Pop;
import io.escrowmq.protocol.remoting.request.PopCommand.QueryAssignment;
import io.escrowmq.protocol.remoting.request.PopCommand.SetMode;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.Need;
import io.escrowmq.spi.protocol.security.Resource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What each request of consumers that pop needs. There is no default here either. */
final class PopDemands {
  private static final Set<Action> SUB = Set.of(Action.SUB);
  private static final Set<Action> GET = Set.of(Action.GET);
  private static final Set<Action> UPDATE = Set.of(Action.UPDATE);

  private final Resource cluster;

  PopDemands(Resource cluster) {
    this.cluster = cluster;
  }

  Demand of(PopCommand request) {
    return switch (request) {
      case Pop pop -> consume(pop.group(), pop.topic());
      case Ack ack -> consume(ack.group(), ack.message().topic());
      case BatchAck batch -> acks(batch.acks());
      case ChangeInvisible change -> consume(change.group(), change.message().topic());
      case Notification ask -> consume(ask.group(), ask.topic());
      case Peek peek -> consume(peek.group(), peek.topic());
      case PollingInfo ask -> Demand.of(Demands.SUB_OR_GET, topic(ask.topic()), group(ask.group()));
      case QueryAssignment ask ->
          Demand.of(Demands.SUB_OR_GET, topic(ask.topic()), group(ask.group()));
      case SetMode change -> Demand.of(UPDATE, group(change.group()));
      case AllModes _ -> Demand.of(GET, cluster);
    };
  }

  private static Demand consume(String group, String topic) {
    return Demand.of(SUB, topic(topic), group(group));
  }

  private static Demand acks(List<Ack> acks) {
    Set<Resource> resources = new LinkedHashSet<>();
    for (Ack ack : acks) {
      resources.add(group(ack.group()));
      resources.add(topic(ack.message().topic()));
    }
    List<Need> needs = new ArrayList<>();
    resources.forEach(resource -> needs.add(new Need(resource, SUB)));
    return new Demand.Needs(needs);
  }
}
