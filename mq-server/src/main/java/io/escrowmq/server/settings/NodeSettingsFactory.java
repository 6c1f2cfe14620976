package io.escrowmq.server.settings;

import io.escrowmq.broker.BrokerSettings;
import io.escrowmq.node.ClusterSettings;
import io.escrowmq.node.NodeSettings;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.tx.Randomness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** What an operator set, in the words of the node. */
public final class NodeSettingsFactory {

  private NodeSettingsFactory() {}

  /** The node's settings; the store gets a directory of its own below the data directory. */
  public static NodeSettings from(EscrowSettings settings) {
    return new NodeSettings(
        settings.bindAddress(),
        settings.effectiveAdvertisedAddress(),
        settings.storage().type(),
        storage(settings),
        broker(settings),
        settings.cluster().furtherNames(),
        protocols(settings),
        settings.shutdownGrace(),
        IntakeSettingsFactory.from(settings.intake()));
  }

  private static Map<String, Map<String, String>> protocols(EscrowSettings settings) {
    Map<String, Map<String, String>> protocols = new HashMap<>();
    protocols.put("remoting", remoting(settings.remoting()));
    int port = settings.remoting().port();
    int number = 0;
    for (String name : settings.cluster().furtherNames()) {
      number++;
      Map<String, String> remoting = new HashMap<>(remoting(settings.remoting()));
      remoting.put("name-server-port", "-1");
      remoting.put("vip-port", "false");
      remoting.put("port", Integer.toString(port == 0 ? 0 : port + number));
      protocols.put("remoting@" + name, remoting);
    }
    return protocols;
  }

  /** What makes this server one of several; only if {@code cluster.shards} is above zero. */
  public static ClusterSettings cluster(EscrowSettings settings) {
    EscrowSettings.Cluster cluster = settings.cluster();
    String name = cluster.serverName();
    String readable = name == null || name.isBlank() ? settings.effectiveAdvertisedAddress() : name;
    NodeSettings node = from(settings);
    Map<String, String> front = new HashMap<>(remoting(settings.remoting()));
    front.put("port", "-1");
    return new ClusterSettings(
        cluster.shards(),
        // Unique, so that a server that was started again is not taken for the one that died.
        readable + "/" + HexFormat.of().formatHex(Randomness.system().bytes(4)),
        cluster.lease(),
        (shard, anyPort) -> shardNode(settings, node, shard, anyPort),
        Map.of("remoting", front));
  }

  private static NodeSettings shardNode(
      EscrowSettings settings, NodeSettings node, int shard, boolean anyPort) {
    int port = settings.remoting().port();
    Map<String, String> remoting = new HashMap<>(remoting(settings.remoting()));
    remoting.put("name-server-port", "-1");
    remoting.put("vip-port", "false");
    remoting.put("port", Integer.toString(anyPort || port == 0 ? 0 : port + shard));
    return node.withIntakes(
            IntakeSettingsFactory.ofShard(node.intakes(), shard, settings.cluster().shards()))
        .withBroker(node.broker().withName(node.broker().name() + "-" + shard))
        .withProtocol("remoting", remoting)
        .withShutdownGrace(Duration.ofSeconds(5));
  }

  private static StorageSettings storage(EscrowSettings settings) {
    EscrowSettings.Storage storage = settings.storage();
    long maxBytes =
        storage.retention().maxBytes() == null
            ? Long.MAX_VALUE
            : storage.retention().maxBytes().toBytes();
    Map<String, String> options =
        switch (storage.type()) {
          case "commitlog" -> commitlog(storage.commitlog());
          case "rocksdb" -> rocksdb(storage.rocksdb());
          case "jdbc" -> jdbc(storage.jdbc());
          default -> Map.of();
        };
    return new StorageSettings(
        settings.dataDir().resolve(storage.type()),
        switch (storage.durability()) {
          case WRITTEN -> Durability.WRITTEN;
          case DURABLE -> Durability.DURABLE;
        },
        storage.decisionRetention(),
        new RetentionPolicy(storage.retention().maxAge(), maxBytes),
        options);
  }

  private static Map<String, String> commitlog(EscrowSettings.Commitlog commitlog) {
    Map<String, String> options = new HashMap<>();
    options.put("segment-bytes", bytes(commitlog.segmentBytes()));
    options.put(
        "first-segment-bytes",
        bytes(smaller(commitlog.firstSegmentBytes(), commitlog.segmentBytes())));
    options.put("ring-bytes", bytes(commitlog.ringBytes()));
    options.put("group-bytes", bytes(commitlog.groupBytes()));
    options.put("checkpoint-log-bytes", bytes(commitlog.checkpointLogBytes()));
    options.put("checkpoint-interval-ms", Long.toString(commitlog.checkpointIntervalMs()));
    options.put("retention-interval-ms", Long.toString(commitlog.retentionIntervalMs()));
    options.put("disk-expire-percent", Integer.toString(commitlog.diskExpirePercent()));
    options.put(
        "disk-refuse-segment-percent", Integer.toString(commitlog.diskRefuseSegmentPercent()));
    options.put("disk-read-only-percent", Integer.toString(commitlog.diskReadOnlyPercent()));
    return options;
  }

  private static Map<String, String> jdbc(EscrowSettings.Jdbc jdbc) {
    Map<String, String> options = new HashMap<>();
    putText(options, "url", jdbc.url());
    putText(options, "username", jdbc.username());
    putText(options, "password", jdbc.password());
    options.put("schema", jdbc.schema());
    options.put("reader-connections", Integer.toString(jdbc.readerConnections()));
    options.put("group-bytes", bytes(jdbc.groupBytes()));
    options.put("pending-bytes", bytes(jdbc.pendingBytes()));
    options.put("tail-cache-bytes", bytes(jdbc.tailCache()));
    options.put("bucket-bytes", bytes(jdbc.bucketBytes()));
    options.put("write-deadline-ms", Long.toString(jdbc.writeDeadline().toMillis()));
    options.put("retention-interval-ms", Long.toString(jdbc.retentionIntervalMs()));
    return options;
  }

  private static void putText(Map<String, String> options, String key, @Nullable String value) {
    if (value != null) {
      options.put(key, value);
    }
  }

  private static Map<String, String> rocksdb(EscrowSettings.RocksDb rocksdb) {
    return Map.of(
        "memory-bytes", bytes(rocksdb.memoryBytes()),
        "group-bytes", bytes(rocksdb.groupBytes()),
        "retention-interval-ms", Long.toString(rocksdb.retentionIntervalMs()),
        "disk-expire-percent", Integer.toString(rocksdb.diskExpirePercent()),
        "disk-read-only-percent", Integer.toString(rocksdb.diskReadOnlyPercent()));
  }

  private static DataSize smaller(DataSize one, DataSize other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  private static String bytes(DataSize size) {
    return Long.toString(size.toBytes());
  }

  private static BrokerSettings broker(EscrowSettings settings) {
    BrokerSettings defaults = BrokerSettings.DEFAULT;
    BrokerSettings.Topics topics = defaults.topics();
    return new BrokerSettings(
        settings.cluster().name(),
        settings.cluster().brokerName(),
        defaults.region(),
        new BrokerSettings.Topics(
            autoCreate(settings),
            settings.topics().defaultQueues(),
            topics.maxReconsumeTimes(),
            topics.delayLevels(),
            settings.topics().checkMessageType()),
        defaults.limits(),
        defaults.timings(),
        TransactionRulesFactory.from(settings),
        SecuritySettingsFactory.from(settings.security()));
  }

  private static boolean autoCreate(EscrowSettings settings) {
    Boolean wanted = settings.topics().autoCreate();
    return wanted == null ? BindPolicy.isLoopback(settings.bindAddress()) : wanted;
  }

  private static Map<String, String> remoting(EscrowSettings.Remoting remoting) {
    Map<String, String> options = new HashMap<>();
    options.put(NodeSettings.ENABLED, Boolean.toString(remoting.enabled()));
    options.put("name-server-port", Integer.toString(remoting.nameServerPort()));
    options.put("port", Integer.toString(remoting.port()));
    options.put("vip-port", Boolean.toString(remoting.vipPort()));
    putPath(options, "tls-certificate", remoting.tlsCertificate());
    putPath(options, "tls-key", remoting.tlsKey());
    if (remoting.tls() != null) {
      options.put("tls", remoting.tls().name().toLowerCase(Locale.ROOT));
    }
    options.put("tls-reload-interval", remoting.tlsReloadInterval().toString());
    options.put(
        "max-in-flight-size-per-connection",
        Long.toString(remoting.maxInFlightSizePerConnection().toBytes()));
    options.put(
        "max-subscriptions-per-client", Integer.toString(remoting.maxSubscriptionsPerClient()));
    options.put("max-connections", Integer.toString(remoting.maxConnections()));
    options.put(
        "max-connections-per-address", Integer.toString(remoting.maxConnectionsPerAddress()));
    options.put(
        "max-in-flight-per-connection", Integer.toString(remoting.maxInFlightPerConnection()));
    options.put(
        "max-waiting-pulls-per-connection",
        Integer.toString(remoting.maxWaitingPullsPerConnection()));
    options.put("max-outbound-size", Long.toString(remoting.maxOutboundSize().toBytes()));
    options.put("max-frame-size", Long.toString(remoting.maxFrameSize().toBytes()));
    options.put("idle-timeout", remoting.idleTimeout().toString());
    return options;
  }

  private static void putPath(Map<String, String> options, String key, @Nullable Path value) {
    if (value != null) {
      options.put(key, value.toString());
    }
  }
}
