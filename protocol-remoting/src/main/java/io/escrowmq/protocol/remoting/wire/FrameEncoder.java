package io.escrowmq.protocol.remoting.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes frames; the mirror of {@link FrameDecoder}. */
public final class FrameEncoder {
  /** Room to reserve for lengths and header of a usual answer. */
  public static final int HEADER_ESTIMATE_BYTES = 384;

  private FrameEncoder() {}

  /** Bytes of a body given in pieces. */
  public static int bodyBytes(List<ByteBuffer> body) {
    int bytes = 0;
    for (ByteBuffer piece : body) {
      bytes = Math.addExact(bytes, piece.remaining());
    }
    return bytes;
  }

  /**
   * Appends a frame. If it fails, nothing was appended.
   *
   * @param body the pieces of the body in order; their positions do not move
   */
  public static void encode(RemotingCommand command, List<ByteBuffer> body, ByteBuf out) {
    int start = out.writerIndex();
    try {
      out.writeLong(0);
      switch (command.encoding()) {
        case JSON -> JsonHeader.encode(command, out);
        case BINARY -> BinaryHeader.encode(command, out);
      }
      int headerBytes = out.writerIndex() - start - 8;
      out.setInt(start, 4 + headerBytes + bodyBytes(body));
      out.setInt(start + 4, (command.encoding().code() << 24) | headerBytes);
      for (ByteBuffer piece : body) {
        out.writeBytes(piece.duplicate());
      }
    } catch (RuntimeException e) {
      out.writerIndex(start);
      throw e;
    }
  }
}
