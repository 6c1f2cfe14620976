package io.escrowmq.protocol.remoting;

import static io.escrowmq.spi.protocol.security.Resource.group;
import static io.escrowmq.spi.protocol.security.Resource.topic;

import io.escrowmq.protocol.remoting.request.AccessRequest;
import io.escrowmq.protocol.remoting.request.AdminRequest;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllConsumeStats;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllGroups;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllOffsets;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllProducers;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllTopics;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllValues;
import io.escrowmq.protocol.remoting.request.AdminRequest.BrokerConfig;
import io.escrowmq.protocol.remoting.request.AdminRequest.ChangeConfig;
import io.escrowmq.protocol.remoting.request.AdminRequest.CloneOffsets;
import io.escrowmq.protocol.remoting.request.AdminRequest.ClusterInfo;
import io.escrowmq.protocol.remoting.request.AdminRequest.ConsumeDirectly;
import io.escrowmq.protocol.remoting.request.AdminRequest.ConsumeStats;
import io.escrowmq.protocol.remoting.request.AdminRequest.ConsumeTimeSpan;
import io.escrowmq.protocol.remoting.request.AdminRequest.Consumers;
import io.escrowmq.protocol.remoting.request.AdminRequest.ConsumersOfTopic;
import io.escrowmq.protocol.remoting.request.AdminRequest.CreateTopics;
import io.escrowmq.protocol.remoting.request.AdminRequest.DeleteGroup;
import io.escrowmq.protocol.remoting.request.AdminRequest.DeleteTopic;
import io.escrowmq.protocol.remoting.request.AdminRequest.FindValue;
import io.escrowmq.protocol.remoting.request.AdminRequest.MemberGroup;
import io.escrowmq.protocol.remoting.request.AdminRequest.NameServerConfig;
import io.escrowmq.protocol.remoting.request.AdminRequest.NoTopicNames;
import io.escrowmq.protocol.remoting.request.AdminRequest.Nothing;
import io.escrowmq.protocol.remoting.request.AdminRequest.OneGroup;
import io.escrowmq.protocol.remoting.request.AdminRequest.OneTopic;
import io.escrowmq.protocol.remoting.request.AdminRequest.Producers;
import io.escrowmq.protocol.remoting.request.AdminRequest.PutGroups;
import io.escrowmq.protocol.remoting.request.AdminRequest.PutValue;
import io.escrowmq.protocol.remoting.request.AdminRequest.RemoveValue;
import io.escrowmq.protocol.remoting.request.AdminRequest.ResetOffsets;
import io.escrowmq.protocol.remoting.request.AdminRequest.RunningInfo;
import io.escrowmq.protocol.remoting.request.AdminRequest.RuntimeInfo;
import io.escrowmq.protocol.remoting.request.AdminRequest.SubscriptionOfGroup;
import io.escrowmq.protocol.remoting.request.AdminRequest.SystemTopicNames;
import io.escrowmq.protocol.remoting.request.AdminRequest.TopicNames;
import io.escrowmq.protocol.remoting.request.AdminRequest.TopicStats;
import io.escrowmq.protocol.remoting.request.AdminRequest.TopicsOfGroup;
import io.escrowmq.protocol.remoting.request.RemotingRequest.CreateTopic;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.Need;
import io.escrowmq.spi.protocol.security.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What each request of tools needs. There is no default here either. */
final class ToolDemands {
  private static final Set<Action> SUB = Set.of(Action.SUB);
  private static final Set<Action> GET = Set.of(Action.GET);
  private static final Set<Action> UPDATE = Set.of(Action.UPDATE);
  private static final Set<Action> CREATE = Set.of(Action.CREATE);
  private static final Set<Action> DELETE = Set.of(Action.DELETE);
  private static final Set<Action> CREATE_OR_UPDATE = Set.of(Action.CREATE, Action.UPDATE);
  private static final Set<Action> LIST_OR_GET = Set.of(Action.LIST, Action.GET);

  private final Resource cluster;

  ToolDemands(Resource cluster) {
    this.cluster = cluster;
  }

  Demand of(AdminRequest request) {
    return switch (request) {
      case AdminRequest.NameServer ask -> nameServer(ask);
      case AdminRequest.Topics ask -> topics(ask);
      case AdminRequest.Groups ask -> groups(ask);
      case AdminRequest.Progress ask -> progress(ask);
      case AdminRequest.Clients ask -> clients(ask);
      case AdminRequest.Access ask -> access(ask.request());
      case ChangeConfig _ -> Demand.of(UPDATE, cluster);
      case RuntimeInfo _ -> Demand.of(GET, cluster);
      case BrokerConfig _ -> Demand.of(GET, cluster);
      case AdminRequest.ResumeChecks ask -> Demand.of(UPDATE, topic(ask.topic()));
      case AdminRequest.StatsData _ -> Demand.of(GET, cluster);
    };
  }

  private Demand nameServer(AdminRequest.NameServer request) {
    return switch (request) {
      case ClusterInfo _ -> Demand.of(LIST_OR_GET, cluster);
      case MemberGroup _ -> Demand.of(LIST_OR_GET, cluster);
      case TopicNames _ -> Demand.of(LIST_OR_GET, cluster);
      case SystemTopicNames _ -> Demand.of(LIST_OR_GET, cluster);
      case NoTopicNames _ -> Demand.of(LIST_OR_GET, cluster);
      case FindValue _ -> Demand.of(GET, cluster);
      case AllValues _ -> Demand.of(GET, cluster);
      case NameServerConfig _ -> Demand.of(GET, cluster);
      case PutValue _ -> Demand.of(UPDATE, cluster);
      case RemoveValue _ -> Demand.of(UPDATE, cluster);
      case Nothing _ -> Demand.of(UPDATE, cluster);
      case AdminRequest.WritePermission _ -> Demand.of(UPDATE, cluster);
    };
  }

  private Demand topics(AdminRequest.Topics request) {
    return switch (request) {
      case CreateTopics create -> create(create.topics());
      case DeleteTopic delete -> Demand.of(DELETE, topic(delete.topic()));
      case OneTopic ask -> Demand.of(GET, topic(ask.topic()));
      case TopicStats ask -> Demand.of(GET, topic(ask.topic()));
      case ConsumersOfTopic ask -> Demand.of(GET, topic(ask.topic()));
      case AllTopics _ -> Demand.of(LIST_OR_GET, cluster);
      case AdminRequest.LookAtQueue ask -> Demand.of(GET, topic(ask.topic()));
    };
  }

  Demand create(List<CreateTopic> topics) {
    return new Demand.Needs(
        topics.stream().map(it -> new Need(topic(it.topic()), CREATE)).toList());
  }

  private Demand groups(AdminRequest.Groups request) {
    return switch (request) {
      case PutGroups put ->
          new Demand.Needs(
              put.groups().stream()
                  .map(it -> new Need(group(it.name()), CREATE_OR_UPDATE))
                  .toList());
      case DeleteGroup delete -> Demand.of(DELETE, group(delete.group()));
      case OneGroup ask -> Demand.of(GET, group(ask.group()));
      case Consumers ask -> Demand.of(GET, group(ask.group()));
      case ConsumeStats ask -> Demand.of(GET, group(ask.group()));
      case TopicsOfGroup ask -> Demand.of(GET, group(ask.group()));
      case SubscriptionOfGroup ask -> Demand.of(GET, group(ask.group()), topic(ask.topic()));
      case Producers _ -> Demand.of(GET, cluster);
      case AllProducers _ -> Demand.of(GET, cluster);
      case AllOffsets _ -> Demand.of(GET, cluster);
      case AllConsumeStats _ -> Demand.of(GET, cluster);
      case AllGroups _ -> Demand.of(LIST_OR_GET, cluster);
      case AdminRequest.ReadPermission ask ->
          Demand.of(ask.readable() == null ? GET : UPDATE, group(ask.group()), topic(ask.topic()));
    };
  }

  private static Demand progress(AdminRequest.Progress request) {
    return switch (request) {
      case ResetOffsets reset -> Demand.of(UPDATE, group(reset.group()), topic(reset.topic()));
      case AdminRequest.LeastOffsets ask ->
          Demand.of(GET, group(ask.compared()), topic(ask.topic()));
      case ConsumeTimeSpan ask -> Demand.of(GET, group(ask.group()), topic(ask.topic()));
      case CloneOffsets copy -> {
        List<Need> needs = new ArrayList<>();
        needs.add(new Need(group(copy.from()), Demands.SUB_OR_GET));
        needs.add(new Need(group(copy.to()), UPDATE));
        if (copy.topic() != null) {
          needs.add(new Need(topic(copy.topic()), UPDATE));
        }
        yield new Demand.Needs(needs);
      }
    };
  }

  private static Demand clients(AdminRequest.Clients request) {
    return switch (request) {
      case RunningInfo ask -> Demand.of(GET, group(ask.group()));
      case AdminRequest.ConsumerStatus ask -> Demand.of(GET, group(ask.group()));
      case ConsumeDirectly ask -> {
        List<Need> needs = List.of(new Need(group(ask.group()), SUB));
        yield ClientTools.position(ask.messageId())
            .<Demand>map(at -> new Demand.NeedsMessage(needs, at, Demands.SUB_OR_GET))
            .orElseGet(() -> new Demand.Needs(needs));
      }
    };
  }

  /** Whoever may change users or lists could give itself every right. */
  private Demand access(AccessRequest request) {
    return switch (request) {
      case AccessRequest.CreateUser _ -> new Demand.SuperUser();
      case AccessRequest.ChangeUser _ -> new Demand.SuperUser();
      case AccessRequest.DeleteUser _ -> new Demand.SuperUser();
      case AccessRequest.PutAcl _ -> new Demand.SuperUser();
      case AccessRequest.DeleteAcl _ -> new Demand.SuperUser();
      case AccessRequest.FindUser _ -> Demand.of(GET, cluster);
      case AccessRequest.ListUsers _ -> Demand.of(GET, cluster);
      case AccessRequest.FindAcl _ -> Demand.of(GET, cluster);
      case AccessRequest.ListAcls _ -> Demand.of(GET, cluster);
    };
  }
}
