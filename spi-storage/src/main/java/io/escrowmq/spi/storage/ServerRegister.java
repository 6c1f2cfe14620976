package io.escrowmq.spi.storage;

import java.time.Duration;
import java.util.List;

/**
 * The servers that share a store. Blocking, thread-safe. Every method throws {@link
 * StorageException.Unavailable} if the store does not answer.
 */
public interface ServerRegister {

  /** The servers whose last {@link #announce} has not run out, by name. */
  List<ServerState> servers();

  /** Says that this server is there, for so long. */
  void announce(ServerState self, Duration timeToLive);

  /** Takes back what {@link #announce} said. */
  void leave(String server);

  /**
   * A server that is there.
   *
   * @param name of its process
   * @param address of its name server, {@code host:port}
   * @param http of its admin API, {@code host:port}; empty if it has none yet
   * @param takesShards false while it should be given none, because it cannot open them
   */
  record ServerState(String name, String address, String http, boolean takesShards) {}
}
