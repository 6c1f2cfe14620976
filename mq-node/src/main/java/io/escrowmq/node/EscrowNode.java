package io.escrowmq.node;

import io.escrowmq.broker.Broker;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ProtocolProvider;
import io.escrowmq.spi.storage.Mishap;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.TimeSource;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node: one engine, the broker, and the protocols in front of it. Thread-safe.
 *
 * <p>A node that was returned by {@link #start} accepts messages. {@link #close()} takes it down
 * from the outside in: protocols stop accepting and answer what they accepted, the broker finishes,
 * the store syncs and lets go of its files.
 */
public final class EscrowNode implements RunningServer {

  private static final Logger log = LoggerFactory.getLogger(EscrowNode.class);

  private final NodeSettings settings;
  private final TimeSource time;
  private final Storage storage;
  private final Broker broker;
  private final List<RunningProtocol> protocols;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  EscrowNode(
      NodeSettings settings,
      TimeSource time,
      Storage storage,
      Broker broker,
      List<RunningProtocol> protocols) {
    this.settings = settings;
    this.time = time;
    this.storage = storage;
    this.broker = broker;
    this.protocols = List.copyOf(protocols);
  }

  /**
   * Opens the engine, starts the broker, and starts every protocol on the class path that is not
   * disabled.
   *
   * @throws NodeStartException saying what, where, why, and what to do; nothing stays open
   */
  public static EscrowNode start(NodeSettings settings) {
    return start(settings, StorageContext.system());
  }

  /** The same with a clock and a disk chosen by the caller, for tests. */
  public static EscrowNode start(NodeSettings settings, StorageContext context) {
    ClassLoader loader = EscrowNode.class.getClassLoader();
    return new NodeParts(settings, context)
        .start(
            ServiceLoader.load(StorageProvider.class, loader),
            ServiceLoader.load(ProtocolProvider.class, loader));
  }

  /** Ids of the engines on the class path, sorted. */
  public static List<String> engines() {
    return ServiceLoader.load(StorageProvider.class, EscrowNode.class.getClassLoader()).stream()
        .map(provider -> provider.get().id())
        .sorted()
        .toList();
  }

  /** The door to the broker, for whoever embeds the node. */
  public Broker broker() {
    return broker;
  }

  @Override
  public BrokerServices door() {
    return broker;
  }

  @Override
  public NodeSettings settings() {
    return settings;
  }

  @Override
  public Map<String, InetSocketAddress> endpoints() {
    Map<String, InetSocketAddress> all = new LinkedHashMap<>();
    protocols.forEach(protocol ->
        protocol
            .server()
            .endpoints()
            .forEach((role, address) -> all.put(role + protocol.atName(), address)));
    return all;
  }

  @Override
  public Set<Mishap> survives() {
    return storage.survives(settings.storage().durability());
  }

  @Override
  public NodeHealth health() {
    StorageHealth store = storage.maintenance().health();
    Map<String, Boolean> listening = new LinkedHashMap<>();
    protocols.forEach(protocol ->
        listening.put(protocol.id(), !closing.get() && !protocol.server().endpoints().isEmpty()));
    if (closing.get()) {
      return new NodeHealth(
          false, "the node is shutting down", "Start it again.", store, listening);
    }
    if (!store.writable()) {
      return new NodeHealth(false, store.reason(), store.remedy(), store, listening);
    }
    Optional<String> deaf =
        listening.entrySet().stream().filter(e -> !e.getValue()).map(Map.Entry::getKey).findFirst();
    if (deaf.isPresent()) {
      return new NodeHealth(
          false,
          "protocol " + deaf.get() + " does not listen any more",
          "Restart the server; the log says why the listener closed.",
          store,
          listening);
    }
    return new NodeHealth(true, store.reason(), store.remedy(), store, listening);
  }

  @Override
  public SortedMap<String, Long> statistics() {
    SortedMap<String, Long> merged = new TreeMap<>();
    merge(merged, "storage-", storage.maintenance().statistics());
    merge(merged, "broker-", broker.statistics());
    protocols.forEach(
        protocol -> merge(merged, protocol.id() + "-", protocol.server().statistics()));
    return merged;
  }

  /**
   * Finishes what was accepted, for at most the grace of the settings, then closes everything.
   * Idempotent; a second caller waits for the first. Never throws.
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      awaitClosed();
      return;
    }
    try {
      Deadline deadline = new Deadline(time, settings.shutdownGrace());
      drainProtocols(deadline);
      quietly("broker drain", () -> drainBroker(deadline));
      protocols.forEach(protocol -> quietly(protocol.id() + " close", protocol.server()::close));
      quietly("broker close", broker::close);
      closeStorage(deadline);
    } finally {
      closed.countDown();
    }
  }

  private void drainProtocols(Deadline deadline) {
    List<Thread> drains = new ArrayList<>();
    for (RunningProtocol protocol : protocols) {
      drains.add(
          Thread.ofVirtual()
              .name("drain-" + protocol.id())
              .start(() ->
                  quietly(
                      protocol.id() + " drain",
                      () -> protocol.server().drain(deadline.remaining()))));
    }
    drains.forEach(drain -> join(drain, deadline.remaining().plus(Deadline.SLACK)));
  }

  private void drainBroker(Deadline deadline) {
    if (!broker.drain(deadline.remaining())) {
      log.warn(
          "not everything accepted was stored within {} s; what was acknowledged is safe",
          settings.shutdownGrace().toSeconds());
    }
  }

  private void closeStorage(Deadline deadline) {
    Thread close =
        Thread.ofPlatform()
            .daemon()
            .name("store-close")
            .start(() -> quietly("store", storage::close));
    Duration patience = deadline.remaining().plus(Deadline.SLACK);
    if (!join(close, patience)) {
      log.error(
          "the store did not close within {} s; acknowledged messages are safe, the next start recovers",
          patience.toSeconds());
    } else {
      log.info("store closed: {}", settings.storage().directory());
    }
  }

  private static void quietly(String step, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      log.error("shutdown step failed: {}", step, e);
    }
  }

  private static boolean join(Thread thread, Duration atMost) {
    try {
      return thread.join(atMost);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void awaitClosed() {
    try {
      if (!closed.await(
          settings.shutdownGrace().plus(Deadline.SLACK.multipliedBy(3)).toMillis(),
          TimeUnit.MILLISECONDS)) {
        log.warn("another thread is still closing the node");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void merge(
      SortedMap<String, Long> into, String prefix, Map<String, Long> statistics) {
    statistics.forEach((name, value) -> into.put(prefix + name, value));
  }
}
