package io.escrowmq.node;

import io.escrowmq.broker.BrokerSettings;
import io.escrowmq.spi.storage.StorageSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a node is made of.
 *
 * @param bindAddress host name or address that protocols listen on
 * @param advertisedAddress host name or address that clients are told to connect to
 * @param storageType id of the engine, for example {@code commitlog}
 * @param storage settings of the engine; its directory is used as it is
 * @param broker settings of the broker
 * @param moreBrokerNames names beside the broker's own under which clients see it, each with its
 *     share of the queues; a protocol whose clients address brokers by name has a listener for each
 *     with the options of {@code <protocol>@<name>}
 * @param protocols options by protocol id, kebab-case without prefix; a protocol that is not named
 *     runs with its defaults, one with {@code enabled=false} does not run
 * @param shutdownGrace how long a close may take to finish what was accepted
 * @param intakes by name, tables in which applications leave messages
 */
public record NodeSettings(
    String bindAddress,
    String advertisedAddress,
    String storageType,
    StorageSettings storage,
    BrokerSettings broker,
    List<String> moreBrokerNames,
    Map<String, Map<String, String>> protocols,
    Duration shutdownGrace,
    Map<String, IntakeSettings> intakes) {

  /** The engine used by default. */
  public static final String DEFAULT_STORAGE_TYPE = "commitlog";

  /** Where a node listens by default: not open to the world. */
  public static final String DEFAULT_BIND_ADDRESS = "127.0.0.1";

  /** How long a close may take by default. */
  public static final Duration DEFAULT_SHUTDOWN_GRACE = Duration.ofSeconds(20);

  /** The option that every protocol has: {@code false} keeps it from starting. */
  public static final String ENABLED = "enabled";

  public NodeSettings {
    if (shutdownGrace.isNegative()) {
      throw new IllegalArgumentException("shutdownGrace must not be negative: " + shutdownGrace);
    }
    moreBrokerNames = List.copyOf(moreBrokerNames);
    Map<String, Map<String, String>> copy = new HashMap<>();
    protocols.forEach((id, options) -> copy.put(id, Map.copyOf(options)));
    protocols = Map.copyOf(copy);
    intakes = Map.copyOf(intakes);
  }

  /** Every default, with the default engine's files in the given directory. */
  public static NodeSettings defaults(Path directory) {
    return new NodeSettings(
        DEFAULT_BIND_ADDRESS,
        DEFAULT_BIND_ADDRESS,
        DEFAULT_STORAGE_TYPE,
        StorageSettings.defaults(directory),
        BrokerSettings.DEFAULT,
        List.of(),
        Map.of(),
        DEFAULT_SHUTDOWN_GRACE,
        Map.of());
  }

  /** The same with another engine. */
  public NodeSettings withStorageType(String id) {
    return new NodeSettings(
        bindAddress,
        advertisedAddress,
        id,
        storage,
        broker,
        moreBrokerNames,
        protocols,
        shutdownGrace,
        intakes);
  }

  /** The same with these options for a protocol instead of what it had. */
  public NodeSettings withProtocol(String id, Map<String, String> options) {
    Map<String, Map<String, String>> changed = new HashMap<>(protocols);
    changed.put(id, options);
    return new NodeSettings(
        bindAddress,
        advertisedAddress,
        storageType,
        storage,
        broker,
        moreBrokerNames,
        changed,
        shutdownGrace,
        intakes);
  }

  /** The same with other settings of the broker. */
  public NodeSettings withBroker(BrokerSettings changed) {
    return new NodeSettings(
        bindAddress,
        advertisedAddress,
        storageType,
        storage,
        changed,
        moreBrokerNames,
        protocols,
        shutdownGrace,
        intakes);
  }

  /** The same under these names beside the broker's own. */
  public NodeSettings withMoreBrokerNames(List<String> changed) {
    return new NodeSettings(
        bindAddress,
        advertisedAddress,
        storageType,
        storage,
        broker,
        changed,
        protocols,
        shutdownGrace,
        intakes);
  }

  /** The same with another time to finish. */
  public NodeSettings withShutdownGrace(Duration grace) {
    return new NodeSettings(
        bindAddress,
        advertisedAddress,
        storageType,
        storage,
        broker,
        moreBrokerNames,
        protocols,
        grace,
        intakes);
  }

  /** The same with these tables in which applications leave messages. */
  public NodeSettings withIntakes(Map<String, IntakeSettings> changed) {
    return new NodeSettings(
        bindAddress,
        advertisedAddress,
        storageType,
        storage,
        broker,
        moreBrokerNames,
        protocols,
        shutdownGrace,
        changed);
  }

  boolean enabled(String protocol) {
    return !"false".equals(protocols.getOrDefault(protocol, Map.of()).get(ENABLED));
  }

  /** What the protocol itself gets to see. */
  Map<String, String> options(String protocol) {
    Map<String, String> options = new HashMap<>(protocols.getOrDefault(protocol, Map.of()));
    options.remove(ENABLED);
    return options;
  }
}
