package io.escrowmq.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.route.BrokerData;
import org.apache.rocketmq.remoting.protocol.route.QueueData;
import org.apache.rocketmq.remoting.protocol.route.TopicRouteData;

/**
 * A name server and a broker on one real socket of the loopback interface. What is asked about
 * transactions it answers as told, well or badly; without being told it succeeds. Thread-safe.
 */
final class LoopbackServer implements AutoCloseable {

  static final String TOPIC = "debits";
  static final String BROKER = "a";
  static final String ANSWERED_BY = "answeredBy";

  private static final int FIRST_OWN_CODE = 30_000;
  private static final int ROUTE_REQUEST = 105;
  private static final int READ_AND_WRITE = 6;

  private final ServerSocket listening;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Queue<Manner> script = new ConcurrentLinkedQueue<>();
  private final List<RemotingCommand> requests = new CopyOnWriteArrayList<>();
  private final Set<Integer> usedPorts = ConcurrentHashMap.newKeySet();
  private volatile String brokerAddress;
  private volatile boolean closed;

  /** How one request is dealt with. */
  @FunctionalInterface
  interface Manner {
    void treat(RemotingCommand request, Line line) throws IOException;
  }

  /** A connection. */
  record Line(Socket socket) {

    /** Sends the bytes as they are. */
    void send(byte[] bytes) throws IOException {
      synchronized (socket) {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
      }
    }

    void hangUp() throws IOException {
      socket.close();
    }
  }

  LoopbackServer() {
    this(0);
  }

  /**
   * A server.
   *
   * @param port 0 for a free one
   */
  LoopbackServer(int port) {
    try {
      listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    brokerAddress = address();
    start(this::accept);
  }

  String address() {
    return "127.0.0.1:" + port();
  }

  int port() {
    return listening.getLocalPort();
  }

  /** The next requests about transactions are treated so, one after the other. */
  LoopbackServer then(Manner... manners) {
    script.addAll(List.of(manners));
    return this;
  }

  /** From now on the route leads there. */
  void move(LoopbackServer other) {
    brokerAddress = other.address();
  }

  /** What was asked about transactions. */
  List<RemotingCommand> requests() {
    return requests;
  }

  /** On how many connections that was. */
  int connectionsUsed() {
    return usedPorts.size();
  }

  static Manner answer(int code) {
    return (request, line) -> line.send(bytes(response(request, code, "told so")));
  }

  static Manner answerBy(String name) {
    return (request, line) -> {
      RemotingCommand response = response(request, ResponseCode.SUCCESS, "");
      response.addExtField(ANSWERED_BY, name);
      line.send(bytes(response));
    };
  }

  static Manner silence() {
    return (request, line) -> {};
  }

  static Manner hangUp() {
    return (request, line) -> line.hangUp();
  }

  /** Half an answer, then the end of the connection. */
  static Manner tear() {
    return (request, line) -> {
      byte[] whole = bytes(response(request, ResponseCode.SUCCESS, ""));
      line.send(java.util.Arrays.copyOf(whole, whole.length / 2));
      line.hangUp();
    };
  }

  /** Bytes of another protocol. */
  static Manner babble() {
    return (request, line) -> line.send("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
  }

  @Override
  public void close() {
    closed = true;
    try {
      listening.close();
      for (Socket socket : connections) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RemotingCommand response(RemotingCommand request, int code, String remark) {
    RemotingCommand response = RemotingCommand.createResponseCommand(code, remark);
    response.setOpaque(request.getOpaque());
    return response;
  }

  static byte[] bytes(RemotingCommand command) {
    ByteBuffer encoded = command.encode();
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listening.accept();
        connections.add(socket);
        if (closed) {
          // Connected while the others were being closed.
          socket.close();
        }
        start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed: the end of the test.
    }
  }

  private void serve(Socket socket) {
    Line line = new Line(socket);
    try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
      while (true) {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        treat(RemotingCommand.decode(ByteBuffer.wrap(frame)), line);
      }
    } catch (IOException | org.apache.rocketmq.remoting.exception.RemotingCommandException e) {
      connections.remove(socket);
    }
  }

  private void treat(RemotingCommand request, Line line) throws IOException {
    if (request.getCode() == ROUTE_REQUEST) {
      line.send(bytes(route(request)));
    } else if (request.getCode() < FIRST_OWN_CODE) {
      line.send(bytes(response(request, ResponseCode.SUCCESS, "")));
    } else {
      requests.add(request);
      usedPorts.add(line.socket().getPort());
      Manner manner = script.poll();
      (manner == null ? answerBy(address()) : manner).treat(request, line);
    }
  }

  private RemotingCommand route(RemotingCommand request) {
    if (!TOPIC.equals(request.getExtFields().get("topic"))) {
      return response(request, ResponseCode.TOPIC_NOT_EXIST, "no such topic");
    }
    QueueData queues = new QueueData();
    queues.setBrokerName(BROKER);
    queues.setReadQueueNums(4);
    queues.setWriteQueueNums(4);
    queues.setPerm(READ_AND_WRITE);
    TopicRouteData route = new TopicRouteData();
    route.setQueueDatas(List.of(queues));
    route.setBrokerDatas(
        List.of(new BrokerData("c", BROKER, new HashMap<>(Map.of(0L, brokerAddress)))));
    route.setFilterServerTable(new HashMap<>());
    RemotingCommand response = response(request, ResponseCode.SUCCESS, "");
    response.setBody(route.encode());
    return response;
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "loopback-server");
    thread.setDaemon(true);
    thread.start();
  }
}
