package io.escrowmq.node;

import io.escrowmq.node.ShardKeeper.ClusterView;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.ProtocolContext;
import io.escrowmq.spi.protocol.ProtocolProvider;
import io.escrowmq.spi.protocol.security.Authority;
import io.escrowmq.spi.storage.Mishap;
import io.escrowmq.spi.storage.ServerRegister.ServerState;
import io.escrowmq.spi.storage.ShardLeases.ShardState;
import io.escrowmq.spi.storage.SharedStore;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.StorageProvider;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One of several servers on a shared store. It serves some of the store's shards, each by a node of
 * its own (to clients, each is a broker), and tells clients of any topic which servers have it.
 * When a server is gone or does not answer, the others take its shards over; when one comes, they
 * give it some. Thread-safe.
 */
public final class EscrowCluster implements RunningServer {

  private static final InetSocketAddress NOWHERE = InetSocketAddress.createUnresolved("none", 0);

  private final NodeSettings settings;
  private final ClusterSettings cluster;
  private final StorageContext context;
  private final SharedStore store;
  private final ShardKeeper keeper;
  private final ClusterRoutes routes;
  private final ClusterDoor door;
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile List<RunningProtocol> front = List.of();

  private EscrowCluster(
      NodeSettings settings, ClusterSettings cluster, StorageContext context, SharedStore store) {
    this.settings = settings;
    this.cluster = cluster;
    this.context = context;
    this.store = store;
    this.keeper = new ShardKeeper(cluster, store, context.time(), this::openShard);
    this.routes =
        new ClusterRoutes(
            cluster, store, context.time(), this::nodeOf, () -> keeper.view().shards());
    this.door =
        new ClusterDoor(
            this::identity, routes, settings.broker().security(), this::authoritiesHere);
  }

  /**
   * Connects to the shared store, starts the listeners, and takes a share of the shards.
   *
   * @throws NodeStartException saying what, where, why, and what to do; nothing stays open
   */
  public static EscrowCluster start(NodeSettings settings, ClusterSettings cluster) {
    StorageContext context = StorageContext.system();
    ClassLoader loader = EscrowCluster.class.getClassLoader();
    StorageProvider engine =
        NodeParts.engine(settings.storageType(), ServiceLoader.load(StorageProvider.class, loader));
    SharedStore store =
        new NodeParts(settings, context)
            .open(engine.id(), () -> engine.share(settings.storage(), context, cluster.shards()))
            .orElseThrow(() ->
                new NodeStartException(
                    "Servers cannot share this store",
                    "escrowmq.cluster.shards=" + cluster.shards(),
                    "a store of the engine " + engine.id() + " belongs to one server",
                    "Choose escrowmq.storage.type=jdbc, or set escrowmq.cluster.shards=0.",
                    null));
    EscrowCluster server = new EscrowCluster(settings, cluster, context, store);
    boolean complete = false;
    try {
      server.listen();
      complete = true;
      return server;
    } finally {
      if (!complete) {
        server.close();
      }
    }
  }

  private void listen() {
    NodeParts parts = new NodeParts(withProtocols(settings, cluster.front()), context);
    front = parts.startProtocols(providers(), context(door, _ -> {}));
    parts.open(
        settings.storageType(),
        () -> {
          keeper.start(text(frontAddress()));
          return keeper;
        });
    RuntimeException failure = keeper.openFailure();
    if (failure != null && keeper.owned().isEmpty()) {
      throw failure;
    }
  }

  private ProtocolContext context(
      BrokerServices services, java.util.function.Consumer<InetSocketAddress> advertise) {
    return new ProtocolContext(services, routes, context.time(), advertise);
  }

  private static Iterable<ProtocolProvider> providers() {
    return ServiceLoader.load(ProtocolProvider.class, EscrowCluster.class.getClassLoader());
  }

  private EscrowNode openShard(OwnedShard shard) {
    try {
      return openShard(shard, false);
    } catch (NodeStartException e) {
      // Another server on this machine may still hold the shard's usual port.
      if (e.getCause() instanceof BrokerException broker
          && broker.code() == ErrorCode.ADDRESS_IN_USE) {
        return openShard(shard, true);
      }
      throw e;
    }
  }

  private EscrowNode openShard(OwnedShard shard, boolean anyPort) {
    NodeSettings node = cluster.nodes().of(shard.shard(), anyPort);
    NodeParts parts = new NodeParts(node, context);
    String name = settings.storageType() + ", shard " + shard.shard();
    Supplier<Storage> opened = () -> parts.open(name, () -> store.open(shard.lease()));
    return parts.start(
        opened, providers(), Optional.of(routes), () -> shard.current(context.time().nanos()));
  }

  private List<Authority> authoritiesHere() {
    return keeper.owned().stream()
        .flatMap(shard -> Optional.ofNullable(nodeOf(shard.shard())).stream())
        .map(node -> node.broker().authority())
        .toList();
  }

  private @Nullable EscrowNode nodeOf(int shard) {
    OwnedShard owned = keeper.owned(shard);
    return owned == null || owned.closing() ? null : owned.node();
  }

  private BrokerIdentity identity() {
    return new BrokerIdentity(
        settings.broker().cluster(),
        settings.broker().name(),
        settings.broker().region(),
        frontAddress());
  }

  private InetSocketAddress frontAddress() {
    return front.stream()
        .flatMap(protocol -> protocol.server().endpoints().values().stream())
        .findFirst()
        .map(bound -> new InetSocketAddress(settings.advertisedAddress(), bound.getPort()))
        .orElse(NOWHERE);
  }

  private static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  @Override
  public NodeSettings settings() {
    return settings;
  }

  @Override
  public BrokerServices door() {
    return door;
  }

  /** Tells the others where this server's admin API is, {@code host:port}. */
  public void reachableAt(String http) {
    keeper.reachableAt(http);
  }

  /** Names of all brokers, by shard. */
  public List<String> brokers() {
    return shards().stream().map(shard -> brokerOf(shard.shard())).toList();
  }

  /** The broker of this name if it is served here. */
  public Optional<BrokerServices> brokerHere(String name) {
    return keeper.owned().stream()
        .filter(shard -> brokerOf(shard.shard()).equals(name))
        .flatMap(shard -> Optional.ofNullable(nodeOf(shard.shard())).stream())
        .<BrokerServices>map(EscrowNode::broker)
        .findFirst();
  }

  /** The server that serves the broker of this name, as last seen. */
  public Optional<ServerState> serverOf(String name) {
    return shards().stream()
        .filter(shard -> brokerOf(shard.shard()).equals(name) && shard.current())
        .flatMap(shard -> servers().stream().filter(server -> server.name().equals(shard.server())))
        .findFirst();
  }

  /** Name of the broker that is a shard to its server. */
  public String brokerOf(int shard) {
    return cluster.nodes().of(shard, false).broker().name();
  }

  /** This server's name in the cluster. */
  public String serverName() {
    return cluster.serverName();
  }

  /** Every shard and who has it, as last seen. */
  public List<ShardState> shards() {
    return keeper.view().shards();
  }

  /** The servers that are there, as last seen. */
  public List<ServerState> servers() {
    return keeper.view().servers();
  }

  @Override
  public Map<String, InetSocketAddress> endpoints() {
    Map<String, InetSocketAddress> all = new LinkedHashMap<>();
    front.forEach(protocol -> all.putAll(protocol.server().endpoints()));
    for (OwnedShard shard : keeper.owned()) {
      EscrowNode node = nodeOf(shard.shard());
      if (node != null) {
        node.endpoints().forEach((role, at) -> all.put(role + "-" + shard.shard(), at));
      }
    }
    return all;
  }

  /** What the shards here say, which are parts of one database; nothing while there are none. */
  @Override
  public Set<Mishap> survives() {
    for (OwnedShard shard : keeper.owned()) {
      EscrowNode node = nodeOf(shard.shard());
      if (node != null) {
        return node.survives();
      }
    }
    return Set.of();
  }

  @Override
  public NodeHealth health() {
    ClusterView view = keeper.view();
    Map<String, Boolean> listening = new LinkedHashMap<>();
    front.forEach(protocol ->
        listening.put(protocol.id(), !closing.get() && !protocol.server().endpoints().isEmpty()));
    if (closing.get()) {
      return new NodeHealth(
          false, "the server is shutting down", "Start it again.", StorageHealth.UP, listening);
    }
    if (!view.trouble().isEmpty()) {
      StorageHealth down =
          new StorageHealth(
              StorageHealth.State.DOWN,
              "the shared store does not answer: " + view.trouble(),
              "Check that the database is up and reachable; the server goes on by itself then.");
      return new NodeHealth(false, down.reason(), down.remedy(), down, listening);
    }
    for (OwnedShard shard : keeper.owned()) {
      EscrowNode node = nodeOf(shard.shard());
      if (node != null && !node.health().canSend()) {
        NodeHealth health = node.health();
        return new NodeHealth(
            false,
            "shard " + shard.shard() + ": " + health.reason(),
            health.remedy(),
            health.storage(),
            listening);
      }
    }
    return ofTheWhole(view, listening);
  }

  private static NodeHealth ofTheWhole(ClusterView view, Map<String, Boolean> listening) {
    List<Integer> unserved =
        view.shards().stream()
            .filter(shard -> !shard.current() || shard.address().isEmpty())
            .map(ShardState::shard)
            .toList();
    if (unserved.isEmpty()) {
      return new NodeHealth(true, "", "", StorageHealth.UP, listening);
    }
    return new NodeHealth(
        unserved.size() < view.shards().size(),
        "nobody serves shards " + unserved + " now",
        "Wait some seconds for a server to take them; else the servers' logs say why not.",
        StorageHealth.UP,
        listening);
  }

  @Override
  public SortedMap<String, Long> statistics() {
    SortedMap<String, Long> all = new TreeMap<>();
    int serving = 0;
    for (OwnedShard shard : keeper.owned()) {
      EscrowNode node = nodeOf(shard.shard());
      if (node != null) {
        serving++;
        node.statistics().forEach((name, value) -> all.merge(name, value, Long::sum));
      }
    }
    all.put("cluster-shards", (long) keeper.view().shards().size());
    all.put("cluster-shards-served-here", (long) serving);
    all.put("cluster-servers", (long) keeper.view().servers().size());
    return all;
  }

  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    keeper.stop(settings.shutdownGrace());
    front.forEach(protocol -> protocol.server().close());
    store.close();
  }

  private static NodeSettings withProtocols(
      NodeSettings settings, Map<String, Map<String, String>> protocols) {
    NodeSettings changed = settings;
    for (Map.Entry<String, Map<String, String>> protocol : protocols.entrySet()) {
      changed = changed.withProtocol(protocol.getKey(), protocol.getValue());
    }
    return changed;
  }
}
