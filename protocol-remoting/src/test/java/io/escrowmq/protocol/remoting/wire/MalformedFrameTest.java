package io.escrowmq.protocol.remoting.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.protocol.remoting.Golden;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not the protocol is refused with a reason, before memory is reserved for it. */
final class MalformedFrameTest {
  private static RemotingFrame next(ByteBuf in) {
    return FrameDecoder.next(in, FrameLimits.DEFAULT);
  }

  private static ByteBuf frame(int encoding, byte[] header) {
    return Unpooled.buffer()
        .writeInt(4 + header.length)
        .writeInt((encoding << 24) | header.length)
        .writeBytes(header);
  }

  private static ByteBuf json(String header) {
    return frame(0, header.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, 0, 3, 16 * 1024 * 1024 + 1, Integer.MAX_VALUE})
  void frameLength(int length) {
    assertThatThrownBy(() -> next(Unpooled.buffer().writeInt(length)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining(Integer.toString(length));
  }

  @ParameterizedTest
  @CsvSource({"10,7", "10,16777215", "1000000,262145"})
  void headerLength(int frameLength, int headerLength) {
    assertThatThrownBy(() -> next(Unpooled.buffer().writeInt(frameLength).writeInt(headerLength)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("header of " + headerLength);
  }

  @Test
  void unknownEncoding() {
    assertThatThrownBy(() -> next(frame(2, new byte[4])))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("encoding 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "7",
        "{",
        "{\"code\"",
        "{\"code\":}",
        "{\"code\":1e99}",
        "{\"code\":\"x\"}",
        "{\"opaque\":1}",
        "{\"code\":99999999999999}",
        "{\"code\":1,\"extFields\":[]}",
        "{\"code\":1,\"extFields\":{\"a\":{}}}",
        "{\"code\":1,\"remark\":[]}",
        "{\"code\":1",
        "{\"code\":{}}",
        "{\"code\":[1]}"
      })
  void badJson(String header) {
    assertThatThrownBy(() -> next(json(header)))
        .isInstanceOfSatisfying(
            ProtocolException.class,
            e -> assertThat(e.fault()).isEqualTo(ProtocolException.Fault.BAD_HEADER));
  }

  @Test
  void badUtf8() {
    byte[] bad = "{\"code\":1,\"remark\":\"\u00ff\"}".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> next(frame(0, bad))).isInstanceOf(ProtocolException.class);
  }

  @Test
  void deepJson() {
    assertThatThrownBy(() -> next(json("{\"code\":1,\"x\":" + "[".repeat(2000))))
        .isInstanceOf(ProtocolException.class);
  }

  @Test
  void tooManyFields() {
    StringBuilder header = new StringBuilder("{\"code\":1,\"extFields\":{\"a\":\"b\"");
    for (int i = 0; i < FrameLimits.DEFAULT.maxExtFields(); i++) {
      header.append(",\"f").append(i).append("\":\"v\"");
    }
    assertThatThrownBy(() -> next(json(header.append("}}").toString())))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("more than 256 fields");
  }

  @Test
  void oddButReadableJson() {
    RemotingFrame frame =
        next(
            json(
                "{'code':34,flag:0,\"language\":\"KLINGON\",\"version\":\"401\",\"more\":[{}],"
                    + "\"remark\":null,\"extFields\":{\"n\":7,\"b\":true,\"gone\":null},}"));
    assertThat(frame.command().code()).isEqualTo(34);
    assertThat(frame.command().language()).isEqualTo(Language.OTHER);
    assertThat(frame.command().version()).isEqualTo(401);
    assertThat(frame.command().extFields())
        .containsOnlyKeys("n", "b")
        .containsEntry("n", "7")
        .containsEntry("b", "true");
  }

  @Test
  void everyTruncationAndEveryFlippedByteOfABinaryHeader() {
    byte[] good = Golden.bytes("send.binary");
    int headerEnd = 8 + 0xd2;
    for (int at = 8; at < headerEnd; at++) {
      for (int value : new int[] {0, 0x7f, 0x80, 0xff}) {
        byte[] bad = good.clone();
        bad[at] = (byte) value;
        readsOrRefuses(bad);
      }
      ByteBuf cut = Unpooled.copiedBuffer(good, 8, at - 8);
      byte[] header = new byte[cut.readableBytes()];
      cut.readBytes(header);
      assertThatThrownBy(() -> next(frame(1, header))).isInstanceOf(ProtocolException.class);
    }
  }

  private static void readsOrRefuses(byte[] bytes) {
    try {
      next(Unpooled.wrappedBuffer(bytes));
    } catch (ProtocolException e) {
      assertThat(e).hasMessageNotContaining("Exception");
    }
  }

  @Test
  void decoderWaitsForBytesThenStopsAtTheFirstFault() {
    EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(FrameLimits.DEFAULT));
    byte[] good = Golden.bytes("send.json");
    for (byte b : good) {
      channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {b}));
    }
    RemotingFrame frame = channel.readInbound();
    assertThat(frame.command().opaque()).isEqualTo(41);
    frame.release();

    assertThatThrownBy(() -> channel.writeInbound(Unpooled.buffer().writeInt(-5)))
        .hasRootCauseInstanceOf(ProtocolException.class);
    channel.writeInbound(Unpooled.wrappedBuffer(good));
    assertThat(channel.<Object>readInbound()).isNull();
    channel.finishAndReleaseAll();
  }
}
