package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.FrameDecoder;
import io.escrowmq.protocol.remoting.wire.FrameEncoder;
import io.escrowmq.protocol.remoting.wire.FrameLimits;
import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.protocol.remoting.wire.RemotingFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** A blocking client that shows the wire as it is. */
final class WireClient implements AutoCloseable {
  private static final int PATIENCE_MS = 20_000;

  private final Socket socket;
  private final DataInputStream in;
  private final HeaderEncoding encoding;
  private int opaque = 100;

  /** A response or a request of the server. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Received(RemotingCommand command, byte[] body) {
    int code() {
      return command.code();
    }

    String field(String name) {
      return command.extFields().get(name);
    }
  }

  WireClient(Socket socket, HeaderEncoding encoding) throws IOException {
    this.socket = socket;
    this.encoding = encoding;
    socket.setSoTimeout(PATIENCE_MS);
    this.in = new DataInputStream(socket.getInputStream());
  }

  static WireClient connect(InetSocketAddress server, HeaderEncoding encoding) throws IOException {
    return new WireClient(new Socket(server.getAddress(), server.getPort()), encoding);
  }

  InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  int tell(int code, boolean oneWay, Map<String, String> fields, byte[] body) throws IOException {
    RemotingCommand request = RemotingCommand.request(code, opaque++, oneWay, fields, encoding);
    raw(encode(request, body));
    return request.opaque();
  }

  static byte[] encode(RemotingCommand request, byte[] body) {
    ByteBuf out = Unpooled.buffer();
    FrameEncoder.encode(request, List.of(ByteBuffer.wrap(body)), out);
    byte[] bytes = ByteBufUtil.getBytes(out);
    out.release();
    return bytes;
  }

  void raw(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Answers a request of the server. */
  void reply(Received request, int code, byte[] body) throws IOException {
    raw(encode(request.command().answer(code, null, Map.of()), body));
  }

  Received call(int code, Map<String, String> fields, byte[] body) throws IOException {
    int number = tell(code, false, fields, body);
    Received received = receive();
    if (received.command().opaque() != number || !received.command().response()) {
      throw new IllegalStateException("not the response to " + number + ": " + received);
    }
    return received;
  }

  Received call(int code, Map<String, String> fields) throws IOException {
    return call(code, fields, new byte[0]);
  }

  Received receive() throws IOException {
    int length = in.readInt();
    byte[] frame = new byte[4 + length];
    ByteBuffer.wrap(frame).putInt(length);
    in.readFully(frame, 4, length);
    EmbeddedChannel decoder = new EmbeddedChannel(new FrameDecoder(FrameLimits.DEFAULT));
    decoder.writeInbound(Unpooled.wrappedBuffer(frame));
    RemotingFrame decoded = decoder.readInbound();
    byte[] body = ByteBufUtil.getBytes(decoded.body());
    decoded.release();
    decoder.finishAndReleaseAll();
    return new Received(decoded.command(), body);
  }

  /** Everything the server still sends. */
  byte[] rest() throws IOException {
    return in.readAllBytes();
  }

  /** Reads until the server closes; false if it sends something instead. */
  boolean closedByServer() throws IOException {
    try {
      return in.read() < 0;
    } catch (EOFException | SocketException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
