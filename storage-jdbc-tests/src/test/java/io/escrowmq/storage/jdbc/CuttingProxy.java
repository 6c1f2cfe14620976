package io.escrowmq.storage.jdbc;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands between client and PostgreSQL, understands just enough of what the client says to see a
 * COMMIT, and cuts the connection there when it was told to: before the server sees it, or after
 * the server has carried it out and before the client hears of it (source: PostgreSQL's chapter
 * "Frontend/Backend Protocol").
 */
final class CuttingProxy implements AutoCloseable {

  private static final int TLS_REQUEST = 80_877_103;
  private static final byte[] READY_AND_IDLE = {'Z', 0, 0, 0, 5, 'I'};

  private final ServerSocket listening;
  private final int serverPort;
  private final AtomicReference<Cut> next = new AtomicReference<>(Cut.NONE);
  private final AtomicInteger cuts = new AtomicInteger();

  /** What happens at the next COMMIT. */
  enum Cut {
    NONE,
    BEFORE_THE_SERVER_SEES_IT,
    AFTER_THE_SERVER_DID_IT
  }

  CuttingProxy(int serverPort) throws IOException {
    this.serverPort = serverPort;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** The next COMMIT on any connection is cut. */
  void cut(Cut cut) {
    next.set(cut);
  }

  /** How many connections were cut. */
  int cuts() {
    return cuts.get();
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        Pair pair = new Pair(client, server);
        Thread.ofVirtual().start(pair::clientToServer);
        Thread.ofVirtual().start(pair::serverToClient);
      }
    } catch (IOException closed) {
      // The test is over; connections end with their sockets.
    }
  }

  private final class Pair {
    private final Socket client;
    private final Socket server;
    private final Map<String, String> statements = new ConcurrentHashMap<>();
    private volatile boolean silent;

    private Pair(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    private void clientToServer() {
      try (client;
          server) {
        DataInputStream in =
            new DataInputStream(new BufferedInputStream(client.getInputStream(), 1 << 16));
        OutputStream out = server.getOutputStream();
        while (startUp(in, out)) {
          // Asked for TLS first; the server declines, and the client begins in the clear.
        }
        while (true) {
          byte type = in.readByte();
          byte[] body = new byte[in.readInt() - 4];
          in.readFully(body);
          Cut cut = isCommit(type, body) ? next.getAndSet(Cut.NONE) : Cut.NONE;
          if (cut == Cut.BEFORE_THE_SERVER_SEES_IT) {
            cuts.incrementAndGet();
            return;
          }
          silent |= cut == Cut.AFTER_THE_SERVER_DID_IT;
          out.write(
              ByteBuffer.allocate(5 + body.length)
                  .put(type)
                  .putInt(4 + body.length)
                  .put(body)
                  .array());
        }
      } catch (IOException ended) {
        // One side is gone; leaving the block closes the other.
      }
    }

    /** True if it was a request for TLS and the true beginning is still to come. */
    private boolean startUp(DataInputStream in, OutputStream out) throws IOException {
      int length = in.readInt();
      byte[] rest = new byte[length - 4];
      in.readFully(rest);
      out.write(ByteBuffer.allocate(length).putInt(length).put(rest).array());
      return ByteBuffer.wrap(rest).getInt() == TLS_REQUEST;
    }

    private boolean isCommit(byte type, byte[] body) {
      return switch (type) {
        case 'Q' -> text(body, 0).equals("COMMIT");
        case 'P' -> {
          String name = text(body, 0);
          statements.put(name, text(body, name.length() + 1));
          yield false;
        }
        case 'B' -> {
          String portal = text(body, 0);
          yield "COMMIT".equals(statements.get(text(body, portal.length() + 1)));
        }
        default -> false;
      };
    }

    private void serverToClient() {
      try (client;
          server) {
        InputStream in = server.getInputStream();
        OutputStream out = client.getOutputStream();
        byte[] buffer = new byte[1 << 16];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (!silent) {
            out.write(buffer, 0, n);
          } else if (n >= READY_AND_IDLE.length
              && Arrays.equals(buffer, n - READY_AND_IDLE.length, n, READY_AND_IDLE, 0, 6)) {
            cuts.incrementAndGet();
            return;
          }
        }
      } catch (IOException ended) {
        // One side is gone; leaving the block closes the other.
      }
    }

    /** A string that ends with a zero byte. Names and commands here are ASCII. */
    private static String text(byte[] bytes, int at) {
      int end = at;
      while (bytes[end] != 0) {
        end++;
      }
      return new String(bytes, at, end - at, StandardCharsets.US_ASCII);
    }
  }
}
