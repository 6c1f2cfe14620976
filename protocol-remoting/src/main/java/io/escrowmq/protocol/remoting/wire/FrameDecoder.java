package io.escrowmq.protocol.remoting.wire;

import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the byte stream into frames and decodes their headers. Every announced length is checked
 * before it is waited for, so a peer can make the server hold at most one frame of the allowed
 * size. A fault is thrown as {@link ProtocolException} once; after a fault that loses the frame
 * boundaries the decoder swallows what still arrives until the connection is closed.
 *
 * <p>The frame (Apache RocketMQ remoting protocol): {@code int32} length of what follows, {@code
 * int32} whose high byte is the header encoding and whose low 24 bits are the header length,
 * header, body.
 */
public final class FrameDecoder extends ByteToMessageDecoder {
  private final FrameLimits limits;
  private boolean broken;

  /** A decoder for one connection. */
  public FrameDecoder(FrameLimits limits) {
    this.limits = limits;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    try {
      RemotingFrame frame = next(in, limits);
      if (frame != null) {
        out.add(frame);
      }
    } catch (ProtocolException e) {
      broken = !e.answerable();
      in.skipBytes(in.readableBytes());
      throw e;
    }
  }

  /**
   * Takes the next whole frame off {@code in}, or returns null if it has not arrived in full. The
   * frame's body is a retained slice.
   *
   * @throws ProtocolException if the lengths or the header are malformed
   */
  static @Nullable RemotingFrame next(ByteBuf in, FrameLimits limits) {
    if (in.readableBytes() < 4) {
      return null;
    }
    int length = in.getInt(in.readerIndex());
    if (length < 4 || length > limits.maxFrameBytes()) {
      throw new ProtocolException(
          Fault.BAD_FRAME,
          "a frame announces "
              + length
              + " bytes; allowed are 4 to "
              + limits.maxFrameBytes()
              + ". Is the peer a RocketMQ remoting client?");
    }
    if (in.readableBytes() >= 8) {
      checkHeaderLength(in.getInt(in.readerIndex() + 4), length, limits);
    }
    if (in.readableBytes() - 4 < length) {
      return null;
    }
    in.skipBytes(4);
    return decodeFrame(in.readSlice(length), limits);
  }

  private static int checkHeaderLength(int word, int length, FrameLimits limits) {
    int headerBytes = word & 0xFFFFFF;
    if (headerBytes > length - 4 || headerBytes > limits.maxHeaderBytes()) {
      throw new ProtocolException(
          Fault.BAD_FRAME,
          "a frame of "
              + length
              + " bytes announces a header of "
              + headerBytes
              + "; allowed are at most "
              + Math.min(length - 4, limits.maxHeaderBytes()));
    }
    return headerBytes;
  }

  /** Decodes what follows the length word of one frame. */
  static RemotingFrame decodeFrame(ByteBuf frame, FrameLimits limits) {
    int word = frame.readInt();
    int headerBytes = checkHeaderLength(word, frame.readableBytes() + 4, limits);
    HeaderEncoding encoding = HeaderEncoding.of(word >>> 24);
    ByteBuf header = frame.readSlice(headerBytes);
    RemotingCommand command =
        switch (encoding) {
          case JSON -> JsonHeader.decode(header, limits);
          case BINARY -> BinaryHeader.decode(header, limits);
        };
    return new RemotingFrame(command, frame.readRetainedSlice(frame.readableBytes()));
  }
}
