package io.escrowmq.broker;

import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.storage.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which clients were heard of, on which connection, and when last. Thread-safe. */
final class Clients {

  private final Map<Membership, Long> lastSeenNanos = new HashMap<>();
  private final Map<String, ClientConnection> byId = new HashMap<>();
  private final TimeSource time;
  private final long timeoutNanos;

  Clients(TimeSource time, Duration timeout) {
    this.time = time;
    this.timeoutNanos = timeout.toNanos();
  }

  synchronized void seen(Membership client) {
    lastSeenNanos.put(client, time.nanos());
    byId.put(client.clientId(), client.connection());
  }

  synchronized void forget(ClientConnection connection) {
    lastSeenNanos.keySet().removeIf(client -> client.connection().equals(connection));
    byId.values().removeIf(it -> it.equals(connection));
  }

  /** The newest connection of a client. */
  synchronized Optional<ClientConnection> find(String clientId) {
    return Optional.ofNullable(byId.get(clientId));
  }

  /** Connections on which no client was heard for too long. */
  synchronized List<ClientConnection> silent() {
    long now = time.nanos();
    Map<ClientConnection, Boolean> alive = new HashMap<>();
    lastSeenNanos.forEach((client, seen) ->
        alive.merge(client.connection(), now - seen < timeoutNanos, Boolean::logicalOr));
    List<ClientConnection> silent = new ArrayList<>();
    alive.forEach((connection, isAlive) -> {
      if (!isAlive) {
        silent.add(connection);
      }
    });
    return silent;
  }

  synchronized long count() {
    return byId.size();
  }
}
