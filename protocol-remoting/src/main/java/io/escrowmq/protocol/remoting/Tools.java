package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.AdminRequest;
import io.escrowmq.protocol.remoting.request.AdminRequest.BrokerConfig;
import io.escrowmq.protocol.remoting.request.AdminRequest.ChangeConfig;
import io.escrowmq.protocol.remoting.request.AdminRequest.RuntimeInfo;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.storage.TimeSource;

/** What the official tools ask. Blocks. */
final class Tools {
  private final NameServerTools nameServer;
  private final TopicTools topics;
  private final GroupTools groups;
  private final ProgressTools progress;
  private final ClientTools clients;
  private final BrokerTools broker;

  Tools(BrokerServices services, Routes routes, TimeSource time) {
    this.nameServer = new NameServerTools(services, routes);
    this.topics = new TopicTools(services);
    this.groups = new GroupTools(services);
    this.progress = new ProgressTools(services, time);
    this.clients = new ClientTools(services);
    this.broker = new BrokerTools(services, time);
  }

  Answer answer(AdminRequest request) {
    return switch (request) {
      case AdminRequest.NameServer ask -> nameServer.answer(ask);
      case AdminRequest.Topics ask -> topics.answer(ask);
      case AdminRequest.Groups ask -> groups.answer(ask);
      case AdminRequest.Progress ask -> progress.answer(ask);
      case AdminRequest.Clients ask -> clients.answer(ask);
      case ChangeConfig _ -> BrokerTools.unchangeable();
      case RuntimeInfo _ -> broker.runtime();
      case BrokerConfig _ -> broker.config();
    };
  }
}
