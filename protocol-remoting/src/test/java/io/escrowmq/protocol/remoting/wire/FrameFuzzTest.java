package io.escrowmq.protocol.remoting.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Assertions;

/**
 * Any bytes give a frame, a wait for more, or a {@link ProtocolException}; nothing else. A JSON
 * header that the quick reader reads means the same to the complete parser.
 */
final class FrameFuzzTest {
  @FuzzTest(maxDuration = "60s")
  void stream(byte[] bytes) {
    ByteBuf in = Unpooled.buffer(bytes.length + 1).writeBytes(bytes);
    try {
      for (RemotingFrame frame = FrameDecoder.next(in, FrameLimits.DEFAULT);
          frame != null;
          frame = FrameDecoder.next(in, FrameLimits.DEFAULT)) {
        frame.release();
      }
    } catch (ProtocolException expected) {
      Assertions.assertFalse(expected.answerable());
    }
    in.release();
    Assertions.assertEquals(0, in.refCnt());
  }

  @FuzzTest(maxDuration = "60s")
  void binaryHeader(byte[] bytes) {
    header(HeaderEncoding.BINARY, bytes);
  }

  @FuzzTest(maxDuration = "60s")
  void jsonHeader(byte[] bytes) {
    header(HeaderEncoding.JSON, bytes);
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    RemotingCommand quick = OrdinaryJsonHeader.decode(in, FrameLimits.DEFAULT);
    if (quick != null) {
      Assertions.assertEquals(JsonHeader.decodeAny(in, FrameLimits.DEFAULT), quick);
    }
  }

  private static void header(HeaderEncoding encoding, byte[] bytes) {
    ByteBuf frame =
        Unpooled.buffer().writeInt((encoding.code() << 24) | bytes.length).writeBytes(bytes);
    try {
      FrameDecoder.decodeFrame(frame, FrameLimits.DEFAULT).release();
    } catch (ProtocolException expected) {
      Assertions.assertNotNull(expected.getMessage());
    }
  }
}
