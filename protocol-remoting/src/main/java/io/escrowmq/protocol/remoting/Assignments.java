package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.PopCommand;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueRef;
import io.escrowmq.protocol.remoting.request.ResponseBodies;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.RequestModes;
import io.escrowmq.spi.protocol.RequestModes.Mode;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.protocol.Routes.Route;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which queues a member of a group reads, for members that leave it to the server, and whether it
 * pops or pulls them (source of the rules: Apache RocketMQ 5.x, request 400). An answer without a
 * list means: keep what you have. Blocks.
 */
final class Assignments {

  private static final String RETRY_PREFIX = "%RETRY%";
  private static final String IN_BLOCKS = "AVG";
  private static final String IN_TURNS = "AVG_BY_CIRCLE";
  private static final int ANY_QUEUE = -1;

  private final BrokerServices services;
  private final Routes routes;

  Assignments(BrokerServices services, Routes routes) {
    this.services = services;
    this.routes = routes;
  }

  /** Request 401. */
  Answer set(PopCommand.SetMode mode) {
    modes().set(new Mode(mode.group(), mode.topic(), mode.pops(), mode.sharedQueues()));
    return Answer.success();
  }

  /** Request 402. */
  Answer all() {
    JsonWriter json = new JsonWriter(256).startObject().name("messageRequestModeMap").startObject();
    String topic = "";
    for (Mode mode : modes().all()) {
      if (!mode.topic().equals(topic)) {
        if (!topic.isEmpty()) {
          json.endObject();
        }
        topic = mode.topic();
        json.name(topic).startObject();
      }
      json.name(mode.consumerGroup())
          .startObject()
          .member("consumerGroup", mode.consumerGroup())
          .member("mode", nameOf(mode.pops()))
          .member("popShareQueueNum", mode.sharedQueues())
          .member("topic", mode.topic())
          .endObject();
    }
    if (!topic.isEmpty()) {
      json.endObject();
    }
    return Answer.success(json.endObject().endObject().toBytes());
  }

  /** Request 400. */
  Answer of(PopCommand.QueryAssignment ask) {
    Optional<Mode> mode =
        ask.topic().startsWith(RETRY_PREFIX)
            ? Optional.empty()
            : modes().find(ask.group(), ask.topic());
    boolean pops = mode.isPresent() && mode.get().pops();
    List<QueueRef> mine = queues(ask, pops ? mode.get().sharedQueues() : 0, pops);
    JsonWriter json = new JsonWriter(256).startObject();
    if (mine != null) {
      json.name("messageQueueAssignments").startArray();
      for (QueueRef queue : mine) {
        json.startObject().name("messageQueue");
        ResponseBodies.queueRef(json, queue).member("mode", nameOf(pops)).endObject();
      }
      json.endArray();
    }
    return Answer.success(json.endObject().toBytes());
  }

  private @Nullable List<QueueRef> queues(
      PopCommand.QueryAssignment ask, int shared, boolean pops) {
    List<Route> found = routes.of(ask.topic());
    if (found.isEmpty()) {
      return null;
    }
    List<QueueRef> all = allQueues(found, ask.topic());
    if (ask.broadcasting()) {
      return all;
    }
    services.consuming().handover().shares(ask.group(), ask.clientId());
    List<String> members = services.groups().members(ask.group());
    boolean knownStrategy = ask.strategy().equals(IN_BLOCKS) || ask.strategy().equals(IN_TURNS);
    if (members.isEmpty() || !knownStrategy) {
      return null;
    }
    int self = members.indexOf(ask.clientId());
    if (!pops) {
      return share(ask, all, self, members.size());
    }
    return shared <= 0 || shared >= members.size() - 1
        ? everyBroker(found, ask.topic())
        : withNeighbours(ask, all, self, members.size(), shared);
  }

  private static List<QueueRef> withNeighbours(
      PopCommand.QueryAssignment ask, List<QueueRef> all, int self, int members, int shared) {
    if (self < 0) {
      return List.of();
    }
    if (members > all.size()) {
      return List.of(all.get(self % all.size()));
    }
    Set<QueueRef> several = new LinkedHashSet<>();
    for (int i = 0; i <= shared; i++) {
      several.addAll(share(ask, all, (self + i) % members, members));
    }
    return List.copyOf(several);
  }

  private static List<QueueRef> allQueues(List<Route> found, String topic) {
    List<QueueRef> all = new ArrayList<>();
    for (Route route : found) {
      int queues = route.topic().readable() ? route.topic().readQueues() : 0;
      for (int queue = 0; queue < queues; queue++) {
        all.add(new QueueRef(topic, route.broker().name(), queue));
      }
    }
    return all;
  }

  private static List<QueueRef> everyBroker(List<Route> found, String topic) {
    return found.stream()
        .filter(route -> route.topic().readable())
        .map(route -> new QueueRef(topic, route.broker().name(), ANY_QUEUE))
        .toList();
  }

  /** As the client's own strategies of these names. */
  private static List<QueueRef> share(
      PopCommand.QueryAssignment ask, List<QueueRef> all, int self, int members) {
    if (self < 0) {
      return List.of();
    }
    if (ask.strategy().equals(IN_TURNS)) {
      List<QueueRef> every = new ArrayList<>();
      for (int i = self; i < all.size(); i += members) {
        every.add(all.get(i));
      }
      return every;
    }
    int least = all.size() / members;
    int larger = all.size() % members;
    int from = self * least + Math.min(self, larger);
    return all.subList(from, from + least + (self < larger ? 1 : 0));
  }

  private RequestModes modes() {
    return services.consuming().popping().modes();
  }

  private static String nameOf(boolean pops) {
    return pops ? "POP" : "PULL";
  }
}
