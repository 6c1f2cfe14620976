package io.escrowmq.protocol.remoting.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.protocol.remoting.Golden;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames against bytes written by hand and by the official classes. */
final class GoldenFrameTest {
  private static RemotingFrame decode(byte[] bytes) {
    RemotingFrame frame = FrameDecoder.next(Unpooled.wrappedBuffer(bytes), FrameLimits.DEFAULT);
    assertThat(frame).isNotNull();
    return frame;
  }

  private static byte[] encode(RemotingCommand command, byte[] body) {
    ByteBuf out = Unpooled.buffer();
    FrameEncoder.encode(command, List.of(ByteBuffer.wrap(body)), out);
    byte[] bytes = ByteBufUtil.getBytes(out);
    out.release();
    return bytes;
  }

  private static String suffix(HeaderEncoding encoding) {
    return encoding == HeaderEncoding.JSON ? ".json" : ".binary";
  }

  @Test
  void binaryHeaderByHand() {
    String whole =
        "00000026" // 38 bytes follow
            + "01000022" // binary header of 34 bytes
            + "0069" // code 105
            + "09" // Go
            + "0191" // 401
            + "00000007" // opaque
            + "00000000" // flag
            + "00000000" // no remark
            + "0000000d" // field map of 13 bytes
            + "0005746f706963" // topic
            + "000000025431"; // T1
    RemotingFrame decoded = decode(HexFormat.of().parseHex(whole));
    assertThat(decoded.command())
        .isEqualTo(
            new RemotingCommand(
                105, Language.GO, 401, 7, 0, null, Map.of("topic", "T1"), HeaderEncoding.BINARY));
    assertThat(decoded.body().isReadable()).isFalse();
    assertThat(encode(decoded.command(), new byte[0])).asHexString().isEqualToIgnoringCase(whole);
  }

  @ParameterizedTest
  @EnumSource(HeaderEncoding.class)
  void officialSend(HeaderEncoding encoding) {
    RemotingFrame frame = decode(Golden.bytes("send" + suffix(encoding)));
    RemotingCommand command = frame.command();
    assertThat(command.code()).isEqualTo(310);
    assertThat(command.language()).isEqualTo(Language.JAVA);
    assertThat(command.version()).isEqualTo(513);
    assertThat(command.opaque()).isEqualTo(41);
    assertThat(command.response()).isFalse();
    assertThat(command.oneWay()).isFalse();
    assertThat(command.encoding()).isEqualTo(encoding);
    assertThat(command.extFields())
        .containsEntry("b", "Orders")
        .containsEntry("g", "1700000000123")
        .containsEntry(
            "i", "KEYS\u0001k1 k2\u0002TAGS\u0001grün\u0002UNIQ_KEY\u00017F0000010001\u0002");
    assertThat(frame.body().toString(StandardCharsets.UTF_8)).isEqualTo("héllo");
  }

  @ParameterizedTest
  @EnumSource(HeaderEncoding.class)
  void officialOneWay(HeaderEncoding encoding) {
    RemotingCommand command = decode(Golden.bytes("end" + suffix(encoding))).command();
    assertThat(command.oneWay()).isTrue();
    assertThat(command.version()).isEqualTo(409);
    assertThat(command.extFields()).containsEntry("commitLogOffset", "1099511627776");
  }

  @ParameterizedTest
  @EnumSource(HeaderEncoding.class)
  void popCodeIsRestored(HeaderEncoding encoding) {
    assertThat(decode(Golden.bytes("pop" + suffix(encoding))).command().code()).isEqualTo(200_050);
  }

  @ParameterizedTest
  @EnumSource(HeaderEncoding.class)
  void writesWhatTheOfficialClassesWrite(HeaderEncoding encoding) {
    byte[] official = Golden.bytes("error" + suffix(encoding));
    RemotingCommand request = RemotingCommand.request(105, 44, false, Map.of(), encoding);
    RemotingCommand answer = request.answer(17, "no route \"x\"\n", Map.of("a", "b"));
    assertThat(encode(answer, new byte[0])).isEqualTo(official);
    assertThat(decode(official).command()).isEqualTo(answer);
  }

  @ParameterizedTest
  @EnumSource(HeaderEncoding.class)
  void everyTextSurvives(HeaderEncoding encoding) {
    Map<String, String> fields =
        Map.of("emoji", "\uD83D\uDE00", "control", "\u0000\u0001\u001f\"\\/\n\r\t", "wide", "ü€");
    RemotingCommand command = RemotingCommand.request(40, -1, true, fields, encoding);
    assertThat(decode(encode(command, new byte[] {1, 2})).command()).isEqualTo(command);
  }

  @Test
  void aliasesCoverThePopRangeOnly() {
    assertThat(RequestCodes.restore(3442)).isEqualTo(200_050);
    assertThat(RequestCodes.restore(3543)).isEqualTo(200_151);
    assertThat(RequestCodes.restore(3471)).isEqualTo(200_079);
    assertThat(RequestCodes.restore(200_050)).isEqualTo(200_050);
    assertThat(RequestCodes.restore(3472)).isEqualTo(3472);
    assertThat(RequestCodes.restore(310)).isEqualTo(310);
  }
}
