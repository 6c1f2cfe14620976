package io.escrowmq.node;

import io.escrowmq.broker.Broker;
import io.escrowmq.node.names.NamedBroker;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.ProtocolContext;
import io.escrowmq.spi.protocol.ProtocolProvider;
import io.escrowmq.spi.protocol.ProtocolServer;
import io.escrowmq.spi.protocol.ProtocolSettings;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.copy.CopyMark;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the parts of a node from the inside out: engine, broker, protocols. Whatever was started
 * before a failure is closed again, so that a refused start leaves no port and no lock behind.
 */
final class NodeParts {

  private static final Logger log = LoggerFactory.getLogger(NodeParts.class);

  private final NodeSettings settings;
  private final StorageContext context;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  NodeParts(NodeSettings settings, StorageContext context) {
    this.settings = settings;
    this.context = context;
  }

  EscrowNode start(
      Iterable<StorageProvider> engines, Iterable<? extends ProtocolProvider> protocols) {
    StorageProvider engine = engine(settings.storageType(), engines);
    return start(
        () -> open(engine.id(), () -> engine.open(settings.storage(), context)),
        protocols,
        Optional.empty(),
        () -> true);
  }

  /**
   * Starts a node on what {@code opened} gives.
   *
   * @param routes where topics are; empty if only this node knows
   * @param mayServe while false, requests are refused
   */
  EscrowNode start(
      Supplier<Storage> opened,
      Iterable<? extends ProtocolProvider> protocols,
      Optional<Routes> routes,
      BooleanSupplier mayServe) {
    boolean complete = false;
    try {
      Storage storage = opened.get();
      started.push(storage);
      refuseUnfinishedCopy(storage);
      Broker broker = startBroker(storage);
      broker.serveWhile(mayServe);
      new NodeIntakes(settings, context.time()).open(broker, storage);
      List<RunningProtocol> running =
          settings.moreBrokerNames().isEmpty()
              ? startProtocols(protocols, door(broker, routes))
              : startNamed(protocols, broker);
      broker.startMoving();
      complete = true;
      return new EscrowNode(settings, context.time(), storage, broker, running);
    } catch (ServiceConfigurationError e) {
      throw new NodeStartException(
          "An engine or protocol on the class path is broken",
          "META-INF/services",
          String.valueOf(e.getMessage()),
          "Remove its jar, or replace it by a complete one.",
          e);
    } finally {
      if (!complete) {
        closeStarted();
      }
    }
  }

  /** Starts every protocol that is not disabled; what was started is closed if one fails. */
  List<RunningProtocol> startProtocols(
      Iterable<? extends ProtocolProvider> protocols, ProtocolContext door) {
    List<RunningProtocol> running = new ArrayList<>();
    boolean complete = false;
    try {
      for (ProtocolProvider provider : protocols) {
        if (settings.enabled(provider.id())) {
          running.add(
              new RunningProtocol(provider.id(), startProtocol(provider, provider.id(), door)));
        }
      }
      complete = true;
      return running;
    } finally {
      if (!complete) {
        running.forEach(protocol -> protocol.server().close());
      }
    }
  }

  private ProtocolContext door(Broker broker, Optional<Routes> routes) {
    return new ProtocolContext(
        broker, routes.orElseGet(() -> Routes.ofOne(broker)), context.time(), broker::advertise);
  }

  /** Every protocol at the broker's own name, and at the others those that have options there. */
  private List<RunningProtocol> startNamed(
      Iterable<? extends ProtocolProvider> protocols, Broker broker) {
    List<String> names = new ArrayList<>(List.of(settings.broker().name()));
    names.addAll(settings.moreBrokerNames());
    List<NamedBroker> doors = NamedBroker.of(broker, names);
    Routes routes = NamedBroker.routes(broker, doors);
    List<RunningProtocol> running = new ArrayList<>();
    boolean complete = false;
    try {
      // The own name last: it says where all of them are, so they must be there.
      for (int index = names.size() - 1; index >= 0; index--) {
        NamedBroker door = doors.get(index);
        boolean own = index == 0;
        ProtocolContext named =
            new ProtocolContext(
                door,
                routes,
                context.time(),
                address -> {
                  door.advertise(address);
                  if (own) {
                    broker.advertise(address);
                  }
                });
        running.addAll(0, own ? startProtocols(protocols, named) : startAt(door, protocols, named));
      }
      complete = true;
      return running;
    } finally {
      if (!complete) {
        running.forEach(protocol -> protocol.server().close());
      }
    }
  }

  private List<RunningProtocol> startAt(
      NamedBroker door, Iterable<? extends ProtocolProvider> protocols, ProtocolContext context) {
    List<RunningProtocol> running = new ArrayList<>();
    for (ProtocolProvider provider : protocols) {
      String id = provider.id() + "@" + door.identity().name();
      if (settings.protocols().containsKey(id) && settings.enabled(provider.id())) {
        running.add(new RunningProtocol(id, startProtocol(provider, id, context)));
      }
    }
    return running;
  }

  private void refuseUnfinishedCopy(Storage storage) {
    Optional<String> unfinished = CopyMark.of(storage);
    if (unfinished.isPresent()) {
      throw new NodeStartException(
          "The store is the target of a copy that did not finish",
          settings.storageType() + " in " + settings.storage().directory(),
          "it holds a part of " + unfinished.get(),
          CopyMark.remedy(storage).orElse(StorageCopy.REMEDY),
          null);
    }
  }

  /** Opens a store, or says what the operator should do. */
  <T> T open(String engine, Supplier<T> store) {
    String where = engine + " in " + settings.storage().directory();
    try {
      T opened = store.get();
      log.info("store open: {}", where);
      return opened;
    } catch (StorageException e) {
      throw new NodeStartException("The store cannot be opened", where, text(e), e.remedy(), e);
    } catch (IllegalArgumentException e) {
      throw new NodeStartException(
          "The store's settings are wrong",
          where,
          text(e),
          "Correct the setting and start again.",
          e);
    }
  }

  /** The engine with this id. */
  static StorageProvider engine(String id, Iterable<StorageProvider> engines) {
    List<String> available = new ArrayList<>();
    for (StorageProvider engine : engines) {
      if (engine.id().equals(id)) {
        return engine;
      }
      available.add(engine.id());
    }
    String ids = available.stream().sorted().collect(Collectors.joining(", "));
    throw new NodeStartException(
        "The storage engine is unknown",
        "storage type '" + id + "'",
        "available engines: " + (ids.isEmpty() ? "none on the class path" : ids),
        "Choose one of these, or add the engine's jar.",
        null);
  }

  private Broker startBroker(Storage storage) {
    try {
      Broker broker = Broker.start(settings.broker(), storage, context.time());
      started.push(broker);
      return broker;
    } catch (StorageException e) {
      throw new NodeStartException(
          "The broker cannot read its state",
          settings.storage().directory().toString(),
          text(e),
          e.remedy(),
          e);
    }
  }

  private ProtocolServer startProtocol(ProtocolProvider provider, String id, ProtocolContext door) {
    String where = "protocol " + id + " on " + settings.bindAddress();
    try {
      return provider.start(
          new ProtocolSettings(
              settings.bindAddress(), settings.advertisedAddress(), settings.options(id)),
          door);
    } catch (BrokerException e) {
      String what =
          e.code() == ErrorCode.ADDRESS_IN_USE
              ? "A port is taken"
              : "The protocol " + provider.id() + " does not start";
      throw new NodeStartException(what, where, text(e), e.remedy(), e);
    } catch (IllegalArgumentException e) {
      throw new NodeStartException(
          "The protocol's settings are wrong",
          where,
          text(e),
          "Correct the setting and start again.",
          e);
    }
  }

  private void closeStarted() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        log.warn("closing after a refused start: {}", e.toString());
      }
    }
  }

  private static String text(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString());
  }
}
