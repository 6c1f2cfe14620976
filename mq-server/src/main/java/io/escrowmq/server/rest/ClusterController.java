package io.escrowmq.server.rest;

import io.escrowmq.node.EscrowCluster;
import io.escrowmq.node.NodeHealth;
import io.escrowmq.node.RunningServer;
import io.escrowmq.server.NodeLifecycle;
import io.escrowmq.server.ServerAddresses;
import io.escrowmq.server.ServerVersion;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Mishap;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who this server is, where it listens, how it is. */
@RestController
@RequestMapping("/api/v1/cluster")
final class ClusterController {

  private final NodeLifecycle lifecycle;
  private final ServerAddresses addresses;
  private final ServerVersion version;

  ClusterController(NodeLifecycle lifecycle, ServerAddresses addresses, ServerVersion version) {
    this.lifecycle = lifecycle;
    this.addresses = addresses;
    this.version = version;
  }

  /** The server at a glance. */
  record ClusterView(
      String cluster,
      String broker,
      String advertised,
      String version,
      String storage,
      Durability durability,
      List<Mishap> survives,
      NodeHealth health,
      Map<String, String> endpoints,
      Map<String, Long> statistics,
      List<Member> servers,
      List<BrokerView> brokers) {}

  /** One of the servers that share a store. */
  record Member(String name, String nameServer, String http) {}

  /** A broker of those servers. */
  record BrokerView(String name, String server, String address, boolean served) {}

  @GetMapping
  ClusterView cluster() {
    RunningServer node = lifecycle.require();
    BrokerIdentity identity = node.door().identity();
    return new ClusterView(
        identity.cluster(),
        identity.name(),
        identity.address().getHostString() + ":" + identity.address().getPort(),
        version.text(),
        node.settings().storageType(),
        node.settings().storage().durability(),
        node.survives().stream().sorted().toList(),
        node.health(),
        addresses.of(node),
        node.statistics(),
        servers(node),
        brokers(node));
  }

  private static List<Member> servers(RunningServer node) {
    return node instanceof EscrowCluster cluster
        ? cluster.servers().stream()
            .map(server -> new Member(server.name(), server.address(), server.http()))
            .toList()
        : List.of();
  }

  private static List<BrokerView> brokers(RunningServer node) {
    return node instanceof EscrowCluster cluster
        ? cluster.shards().stream()
            .map(shard ->
                new BrokerView(
                    cluster.brokerOf(shard.shard()),
                    shard.server(),
                    shard.address(),
                    shard.current() && !shard.address().isEmpty()))
            .toList()
        : List.of();
  }
}
