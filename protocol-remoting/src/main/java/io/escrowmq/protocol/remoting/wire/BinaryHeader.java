package io.escrowmq.protocol.remoting.wire;

import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The binary header (Apache RocketMQ remoting protocol, header encoding 1):
 *
 * <pre>
 * int16 code | int8 language | int16 version | int32 opaque | int32 flag
 * int32 length + remark | int32 length + map of (int16 length + key, int32 length + value)
 * </pre>
 *
 * A length of zero and an absent value are the same.
 */
final class BinaryHeader {
  private static final int FIXED_BYTES = 2 + 1 + 2 + 4 + 4 + 4 + 4;

  private BinaryHeader() {}

  static RemotingCommand decode(ByteBuf header, FrameLimits limits) {
    if (header.readableBytes() < FIXED_BYTES) {
      throw bad(
          "the binary header has "
              + header.readableBytes()
              + " bytes, but its fixed fields alone take "
              + FIXED_BYTES);
    }
    int code = RequestCodes.restore(header.readUnsignedShort());
    Language language = Language.ofCode(header.readByte());
    int version = header.readUnsignedShort();
    int opaque = header.readInt();
    int flag = header.readInt();
    String remark = text(header, length(header, header.readInt(), "the remark"), "the remark");
    int mapBytes = length(header, readInt(header), "the field map");
    Map<String, String> fields = fields(header.readSlice(mapBytes), limits);
    return new RemotingCommand(
        code,
        language,
        version,
        opaque,
        flag,
        remark.isEmpty() ? null : remark,
        fields,
        HeaderEncoding.BINARY);
  }

  private static Map<String, String> fields(ByteBuf map, FrameLimits limits) {
    Map<String, String> fields = HashMap.newHashMap(32);
    while (map.isReadable()) {
      if (fields.size() == limits.maxExtFields()) {
        throw bad("the header has more than " + limits.maxExtFields() + " fields");
      }
      if (map.readableBytes() < 2) {
        throw bad("the field map ends inside the length of a name");
      }
      String key = text(map, length(map, map.readShort(), "a field name"), "a field name");
      String value = text(map, length(map, readInt(map), "a field value"), "a field value");
      fields.put(key, value);
    }
    return fields;
  }

  private static int readInt(ByteBuf in) {
    if (in.readableBytes() < 4) {
      throw bad("the binary header ends inside a length");
    }
    return in.readInt();
  }

  private static int length(ByteBuf in, int length, String what) {
    if (length < 0 || length > in.readableBytes()) {
      throw bad(
          "the length of "
              + what
              + " is "
              + length
              + ", but "
              + in.readableBytes()
              + " bytes are left in the binary header");
    }
    return length;
  }

  private static String text(ByteBuf in, int length, String what) {
    if (length == 0) {
      return "";
    }
    int start = in.readerIndex();
    in.skipBytes(length);
    // Nearly every value is ASCII; only the rest pays for a strict decoder.
    if (ByteBufUtil.isText(in, start, length, StandardCharsets.US_ASCII)) {
      return in.toString(start, length, StandardCharsets.US_ASCII);
    }
    ByteBuffer bytes = in.nioBuffer(start, length);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(bytes)
          .toString();
    } catch (CharacterCodingException e) {
      throw new ProtocolException(Fault.BAD_HEADER, what + " is not valid UTF-8", e);
    }
  }

  static void encode(RemotingCommand command, ByteBuf out) {
    out.writeShort(command.code());
    out.writeByte(command.language().code());
    out.writeShort(command.version());
    out.writeInt(command.opaque());
    out.writeInt(command.flag());
    writeText(out, command.remark());
    int lengthIndex = out.writerIndex();
    out.writeInt(0);
    command
        .extFields()
        .forEach((key, value) -> {
          int keyIndex = out.writerIndex();
          out.writeShort(0);
          out.setShort(keyIndex, ByteBufUtil.writeUtf8(out, key));
          writeText(out, value);
        });
    out.setInt(lengthIndex, out.writerIndex() - lengthIndex - 4);
  }

  private static void writeText(ByteBuf out, @Nullable String text) {
    int index = out.writerIndex();
    out.writeInt(0);
    if (text != null) {
      out.setInt(index, ByteBufUtil.writeUtf8(out, text));
    }
  }

  private static ProtocolException bad(String message) {
    return new ProtocolException(Fault.BAD_HEADER, message);
  }
}
