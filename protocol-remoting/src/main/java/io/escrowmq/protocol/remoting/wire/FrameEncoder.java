package io.escrowmq.protocol.remoting.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes frames; the mirror of {@link FrameDecoder}. */
public final class FrameEncoder {
  private static final int HEADER_ESTIMATE_BYTES = 320;

  private FrameEncoder() {}

  /**
   * Encodes a frame into one buffer taken from the allocator; the caller owns it.
   *
   * @param body the pieces of the body in order; their positions do not move
   */
  public static ByteBuf encode(
      RemotingCommand command, List<ByteBuffer> body, ByteBufAllocator allocator) {
    int bodyBytes = 0;
    for (ByteBuffer piece : body) {
      bodyBytes = Math.addExact(bodyBytes, piece.remaining());
    }
    ByteBuf out = allocator.ioBuffer(8 + HEADER_ESTIMATE_BYTES + bodyBytes);
    try {
      out.writeLong(0);
      switch (command.encoding()) {
        case JSON -> JsonHeader.encode(command, out);
        case BINARY -> BinaryHeader.encode(command, out);
      }
      int headerBytes = out.writerIndex() - 8;
      out.setInt(0, 4 + headerBytes + bodyBytes);
      out.setInt(4, (command.encoding().code() << 24) | headerBytes);
      for (ByteBuffer piece : body) {
        out.writeBytes(piece.duplicate());
      }
      return out;
    } catch (RuntimeException e) {
      out.release();
      throw e;
    }
  }
}
