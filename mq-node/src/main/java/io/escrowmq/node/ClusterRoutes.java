package io.escrowmq.node;

import io.escrowmq.broker.StoredTopics;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.ShardLeases.ShardState;
import io.escrowmq.spi.storage.SharedStore;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where topics are in the whole cluster: for each shard that somebody serves, what its broker says
 * (if it is here) or what its rows say (if it is elsewhere). Answers are at most a second old,
 * older only while the store does not answer. Thread-safe.
 */
final class ClusterRoutes implements Routes {

  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_REMEMBERED = 10_000;

  private final ClusterSettings settings;
  private final SharedStore store;
  private final TimeSource time;
  private final IntFunction<@Nullable EscrowNode> local;
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Supplier<List<ShardState>> shards;

  /** What was found out, and when. */
  private record Known(List<Route> routes, List<ShardState> shards, long atNanos) {}

  /**
   * Routes over a store.
   *
   * @param local the node of a shard if it is served here
   * @param shards who has which shard, as last heard
   */
  ClusterRoutes(
      ClusterSettings settings,
      SharedStore store,
      TimeSource time,
      IntFunction<@Nullable EscrowNode> local,
      Supplier<List<ShardState>> shards) {
    this.shards = shards;
    this.settings = settings;
    this.store = store;
    this.time = time;
    this.local = local;
  }

  /** Who has which shard, as last heard. */
  List<ShardState> shards() {
    return shards.get();
  }

  @Override
  public List<Route> of(String topic) {
    Known before = known.get(topic);
    List<ShardState> shardsNow = shards.get();
    boolean fresh =
        before != null
            && time.nanos() - before.atNanos() < FRESH_NANOS
            && before.shards().equals(shardsNow);
    if (before != null && fresh) {
      return before.routes();
    }
    try {
      Known now = new Known(find(topic), shardsNow, time.nanos());
      if (known.size() >= MOST_REMEMBERED) {
        known.clear(); // clients may ask for any name
      }
      if (!now.routes().isEmpty()) {
        known.put(topic, now);
      }
      return now.routes();
    } catch (StorageException e) {
      if (before != null) {
        return before.routes();
      }
      throw new BrokerException(
          ErrorCode.NOT_SERVING,
          "the shared store does not say where topic " + topic + " is: " + e.getMessage(),
          e.remedy(),
          e);
    }
  }

  @Override
  public List<BrokerIdentity> brokers() {
    List<BrokerIdentity> brokers = new ArrayList<>();
    for (ShardState shard : shards.get()) {
      EscrowNode node = local.apply(shard.shard());
      if (node != null) {
        brokers.add(node.broker().identity());
      } else if (shard.current() && !shard.address().isEmpty()) {
        brokers.add(elsewhere(shard));
      }
    }
    return List.copyOf(brokers);
  }

  /** Every topic that somebody created on any shard, one answer for each name. */
  @Override
  public List<TopicConfig> topics() {
    Map<String, TopicConfig> all = new TreeMap<>();
    for (ShardState shard : shards.get()) {
      EscrowNode node = local.apply(shard.shard());
      List<TopicConfig> here =
          node != null
              ? node.broker().topics().list()
              : shard.address().isEmpty() ? List.of() : stored(shard.shard()).list();
      here.forEach(topic -> all.putIfAbsent(topic.name(), topic));
    }
    return List.copyOf(all.values());
  }

  @Override
  public int sending(String brokerName, boolean allowed) {
    throw new BrokerException(
        ErrorCode.ILLEGAL_OPERATION,
        "a broker of this cluster is a shard that moves between servers; it is not taken out of"
            + " the routes of senders",
        "Stop the server that is to be left alone: others take over its shards.");
  }

  private List<Route> find(String topic) {
    List<Route> found = new ArrayList<>();
    for (ShardState shard : shards.get()) {
      EscrowNode node = local.apply(shard.shard());
      if (node != null) {
        node.broker()
            .topics()
            .route(topic)
            .ifPresent(config -> found.add(new Route(node.broker().identity(), config)));
      } else if (shard.current() && !shard.address().isEmpty()) {
        elsewhere(shard, topic).ifPresent(found::add);
      }
    }
    return List.copyOf(found);
  }

  private Optional<Route> elsewhere(ShardState shard, String topic) {
    return stored(shard.shard()).route(topic).map(config -> new Route(elsewhere(shard), config));
  }

  private BrokerIdentity elsewhere(ShardState shard) {
    var broker = settings.nodes().of(shard.shard(), false).broker();
    return new BrokerIdentity(
        broker.cluster(), broker.name(), broker.region(), address(shard.address()));
  }

  private StoredTopics stored(int shard) {
    return new StoredTopics(settings.nodes().of(shard, false).broker(), store.tables(shard));
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }
}
