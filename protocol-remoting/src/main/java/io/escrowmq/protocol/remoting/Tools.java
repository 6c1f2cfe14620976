package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.AdminRequest;
import io.escrowmq.protocol.remoting.request.AdminRequest.Access;
import io.escrowmq.protocol.remoting.request.AdminRequest.BrokerConfig;
import io.escrowmq.protocol.remoting.request.AdminRequest.ChangeConfig;
import io.escrowmq.protocol.remoting.request.AdminRequest.ResumeChecks;
import io.escrowmq.protocol.remoting.request.AdminRequest.RuntimeInfo;
import io.escrowmq.protocol.remoting.request.AdminRequest.StatsData;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.protocol.security.Principal;
import io.escrowmq.spi.storage.TimeSource;
import java.util.Optional;

/** What the official tools ask. Blocks. */
final class Tools {
  private final BrokerServices services;
  private final NameServerTools nameServer;
  private final TopicTools topics;
  private final GroupTools groups;
  private final ProgressTools progress;
  private final ClientTools clients;
  private final BrokerTools broker;
  private final FlowTools flow;
  private final AccessTools access;

  Tools(BrokerServices services, Routes routes, TimeSource time) {
    this.services = services;
    this.nameServer = new NameServerTools(services, routes);
    this.topics = new TopicTools(services);
    this.groups = new GroupTools(services);
    this.progress = new ProgressTools(services, time);
    this.clients = new ClientTools(services);
    this.broker = new BrokerTools(services, time);
    this.flow = new FlowTools(services);
    this.access = new AccessTools(services);
  }

  /**
   * The answer.
   *
   * @param caller who asks; empty where nobody is asked who they are
   */
  Answer answer(AdminRequest request, Optional<Principal> caller) {
    return switch (request) {
      case AdminRequest.NameServer ask -> nameServer.answer(ask);
      case AdminRequest.Topics ask -> topics.answer(ask);
      case AdminRequest.Groups ask -> groups.answer(ask);
      case AdminRequest.Progress ask -> progress.answer(ask);
      case AdminRequest.Clients ask -> clients.answer(ask);
      case Access ask -> access.answer(ask.request(), caller);
      case ChangeConfig _ -> BrokerTools.unchangeable();
      case RuntimeInfo _ -> broker.runtime();
      case BrokerConfig _ -> broker.config();
      case StatsData ask -> flow.answer(ask);
      case ResumeChecks ask ->
          TransactionTools.resume(services, ask, caller.map(Principal::name).orElse("a tool"));
    };
  }
}
