package io.escrowmq.crash.bank;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The connections between clients and a server, which a campaign may spoil. Clients connect to
 * {@link #HOST}, where each port leads to the same port of {@link #SERVER}; so whatever addresses
 * the server tells them work as long as it tells them this host. Faults are asked for by one
 * thread.
 */
final class RoughNetwork implements AutoCloseable {

  /** Where clients connect to: another address of the loopback interface than the server's. */
  static final String HOST = "127.0.0.2";

  static final String SERVER = "127.0.0.1";

  /** A heartbeat is longer than this, most of the time. */
  private static final int MOST_BYTES_BEFORE_RESET = 400;

  private static final int MOST_DELAY_MS = 1500;
  private static final int BUFFER_BYTES = 8192;
  private static final int CONNECT_TIMEOUT_MS = 3000;

  private final List<ServerSocket> doors = new ArrayList<>();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

  /** What happens to a connection. */
  enum Trouble {
    /** Reset in the middle of whatever is being sent. */
    RESET,
    /** One direction ends while the other one goes on. */
    HALF_CLOSE,
    /** What either side sends goes nowhere; nobody is told until {@link #calm()}. */
    DROP,
    /** Everything arrives late until {@link #calm()}. */
    DELAY
  }

  /** Leads one more port of {@link #HOST} to the server. */
  void lead(int port) {
    try {
      ServerSocket door = new ServerSocket();
      door.setReuseAddress(true);
      door.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), port));
      doors.add(door);
      Thread.ofVirtual().name("network-" + port).start(() -> accept(door));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen at " + HOST + ":" + port, e);
    }
  }

  /**
   * Spoils about half of the connections there are, at least one.
   *
   * @param random decides which, and how
   * @return how many
   */
  int spoil(Trouble trouble, Random random) {
    List<Connection> chosen = new ArrayList<>(connections);
    Collections.shuffle(chosen, random);
    chosen.subList((chosen.size() + 1) / 2, chosen.size()).clear();
    for (Connection connection : chosen) {
      connection.spoil(trouble, random);
    }
    return chosen.size();
  }

  /** Ends what lasts: the late arrive, and connections that lost something are reset. */
  void calm() {
    connections.forEach(Connection::calm);
  }

  @Override
  public void close() {
    for (ServerSocket door : doors) {
      closeQuietly(door);
    }
    connections.forEach(Connection::reset);
  }

  private void accept(ServerSocket door) {
    while (!door.isClosed()) {
      try {
        open(door.accept(), door.getLocalPort());
      } catch (IOException e) {
        // The door was closed, or whoever knocked has gone.
        LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
      }
    }
  }

  private void open(Socket client, int port) throws IOException {
    Socket server = new Socket();
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      // From the clients' address: from its own, a port without a server could be connected to
      // itself.
      server.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), 0));
      server.connect(
          new InetSocketAddress(InetAddress.ofLiteral(SERVER), port), CONNECT_TIMEOUT_MS);
    } catch (IOException e) {
      // As if the client had found nobody there.
      resetQuietly(client);
      resetQuietly(server);
      return;
    }
    new Connection(client, server).start();
  }

  private static void resetQuietly(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // Closed already.
    }
    closeQuietly(socket);
  }

  private static void closeQuietly(AutoCloseable open) {
    try {
      open.close();
    } catch (Exception e) {
      // It is gone, which is what was wanted.
    }
  }

  /** Two sockets and two threads. */
  private final class Connection {

    private final Socket client;
    private final Socket server;
    private final Flow up;
    private final Flow down;

    Connection(Socket client, Socket server) {
      this.client = client;
      this.server = server;
      up = new Flow(client, server, this);
      down = new Flow(server, client, this);
    }

    void start() {
      connections.add(this);
      Thread.ofVirtual().start(up::run);
      Thread.ofVirtual().start(down::run);
    }

    void spoil(Trouble trouble, Random random) {
      Flow one = random.nextBoolean() ? up : down;
      switch (trouble) {
        case RESET -> one.resetAfter(random.nextInt(MOST_BYTES_BEFORE_RESET));
        case HALF_CLOSE -> one.end();
        case DROP -> {
          up.drops = true;
          down.drops = true;
        }
        case DELAY -> one.delayMs = 1 + random.nextInt(MOST_DELAY_MS);
      }
    }

    void calm() {
      up.delayMs = 0;
      down.delayMs = 0;
      if (up.drops || down.drops) {
        reset();
      }
    }

    void ended() {
      if (up.ended && down.ended) {
        connections.remove(this);
        closeQuietly(client);
        closeQuietly(server);
      }
    }

    void reset() {
      connections.remove(this);
      resetQuietly(client);
      resetQuietly(server);
    }
  }

  /** One direction of a connection. */
  private static final class Flow {

    private final Socket from;
    private final Socket to;
    private final Connection connection;
    private volatile int bytesBeforeReset = Integer.MAX_VALUE;
    private volatile int delayMs;
    private volatile boolean drops;
    private volatile boolean ended;

    Flow(Socket from, Socket to, Connection connection) {
      this.from = from;
      this.to = to;
      this.connection = connection;
    }

    void resetAfter(int bytes) {
      bytesBeforeReset = bytes;
    }

    /** The receiver is told that nothing more comes; the sender is not. */
    void end() {
      drops = true;
      try {
        to.shutdownOutput();
      } catch (IOException e) {
        // Closed meanwhile.
      }
    }

    void run() {
      byte[] buffer = new byte[BUFFER_BYTES];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        int count = in.read(buffer);
        while (count >= 0 && pass(buffer, count, out)) {
          count = in.read(buffer);
        }
        if (count < 0 && !drops) {
          to.shutdownOutput();
        }
        ended = true;
        connection.ended();
      } catch (IOException e) {
        // One side has gone, by a kill or by a fault of this network; the other one learns of it.
        connection.reset();
      }
    }

    /** Passes these bytes on, as far as they come; false after a reset. */
    private boolean pass(byte[] buffer, int count, OutputStream out) throws IOException {
      LockSupport.parkNanos(Duration.ofMillis(delayMs).toNanos());
      if (drops) {
        return true;
      }
      int left = bytesBeforeReset;
      if (left == Integer.MAX_VALUE) {
        out.write(buffer, 0, count);
        return true;
      }
      out.write(buffer, 0, Math.min(left, count));
      bytesBeforeReset = left - count;
      if (left > count) {
        return true;
      }
      connection.reset();
      return false;
    }
  }
}
