package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.RemotingRequest.CreateTopic;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Route;
import io.escrowmq.protocol.remoting.request.ResponseBodies;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.protocol.TopicConfig;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Routes and topics: the name server's part. */
final class TopicRequests {
  private final BrokerServices services;
  private final Routes routes;

  TopicRequests(BrokerServices services, Routes routes) {
    this.services = services;
    this.routes = routes;
  }

  /** May block. */
  Answer route(Route request) {
    List<Routes.Route> found = routes.of(request.topic());
    if (found.isEmpty()) {
      return Answer.refusal(
          ResponseCodes.TOPIC_NOT_EXIST,
          "No topic route info in name server for the topic: "
              + request.topic()
              + ". Create the topic, or check its name");
    }
    return Answer.success(
        ResponseBodies.route(
            found.stream().map(TopicRequests::routeData).toList(), request.quotedKeys()));
  }

  private static ResponseBodies.RouteData routeData(Routes.Route route) {
    return new ResponseBodies.RouteData(
        route.broker().cluster(),
        route.broker().name(),
        address(route.broker().address()),
        route.topic().readQueues(),
        route.topic().writeQueues(),
        route.topic().permission(),
        route.topic().ordered());
  }

  static String address(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    boolean v6 = address.getAddress() instanceof Inet6Address;
    return (v6 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** Blocks. */
  Answer create(CreateTopic create) {
    create(services, create);
    return Answer.success();
  }

  /** Blocks. */
  static void create(BrokerServices services, CreateTopic create) {
    Map<String, String> attributes =
        new LinkedHashMap<>(
            services.topics().route(create.topic()).map(TopicConfig::attributes).orElse(Map.of()));
    create
        .attributes()
        .forEach((signed, value) -> {
          String name = signed.substring(1);
          if (signed.charAt(0) == '-') {
            attributes.remove(name);
          } else {
            attributes.put(name, value);
          }
        });
    services
        .topics()
        .createOrUpdate(
            new TopicConfig(
                create.topic(),
                create.readQueues(),
                create.writeQueues(),
                create.permission(),
                0,
                create.ordered(),
                attributes));
  }
}
