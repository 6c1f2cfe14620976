package io.escrowmq.protocol.remoting.wire;

import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The JSON header (Apache RocketMQ remoting protocol, header encoding 0): an object with {@code
 * code}, {@code language} (a name), {@code version}, {@code opaque}, {@code flag}, {@code remark},
 * {@code extFields} (text to text) and {@code serializeTypeCurrentRPC}. Members that are absent
 * have the defaults of the official implementation; unknown members are skipped.
 */
final class JsonHeader {
  private JsonHeader() {}

  static RemotingCommand decode(ByteBuf header, FrameLimits limits) {
    RemotingCommand ordinary = OrdinaryJsonHeader.decode(header, limits);
    return ordinary == null ? decodeAny(header, limits) : ordinary;
  }

  /** Any header: what the quick reader for ordinary ones leaves. */
  static RemotingCommand decodeAny(ByteBuf header, FrameLimits limits) {
    try (JsonParser parser = JsonText.parser(ByteBufUtil.getBytes(header))) {
      return new Reader(parser, limits).read();
    } catch (JacksonException e) {
      throw new ProtocolException(
          Fault.BAD_HEADER, "the JSON header cannot be read" + JsonText.place(e), e);
    }
  }

  static void encode(RemotingCommand command, ByteBuf out) {
    if (!AsciiJsonHeader.encode(command, out)) {
      encodeAny(command, out);
    }
  }

  /** Any header: what the quick writer of plain texts leaves. */
  static void encodeAny(RemotingCommand command, ByteBuf out) {
    JsonWriter json = new JsonWriter(256);
    json.startObject().member("code", command.code());
    if (!command.extFields().isEmpty()) {
      json.name("extFields").startObject();
      command.extFields().forEach(json::member);
      json.endObject();
    }
    json.member("flag", command.flag())
        .member("language", command.language().name())
        .member("opaque", command.opaque())
        .member("remark", command.remark())
        .member("serializeTypeCurrentRPC", "JSON")
        .member("version", command.version())
        .endObject();
    ByteBufUtil.writeUtf8(out, json.toString());
  }

  /** Collects the members of one header. */
  private static final class Reader {
    private final JsonParser parser;
    private final FrameLimits limits;
    private int code;
    private Language language = Language.JAVA;
    private int version;
    private int opaque;
    private int flag;
    private @Nullable String remark;
    private Map<String, String> fields = Map.of();

    Reader(JsonParser parser, FrameLimits limits) {
      this.parser = parser;
      this.limits = limits;
    }

    RemotingCommand read() {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw bad("the JSON header is not an object");
      }
      boolean codeSeen = false;
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        codeSeen |= name.equals("code");
        member(name);
      }
      if (!parser.hasToken(JsonToken.END_OBJECT)) {
        throw bad("the JSON header is not closed");
      }
      if (!codeSeen) {
        throw bad("the JSON header has no member 'code'");
      }
      return new RemotingCommand(
          code, language, version, opaque, flag, remark, fields, HeaderEncoding.JSON);
    }

    private void member(String name) {
      switch (name) {
        case "code" -> code = RequestCodes.restore(number(name));
        case "version" -> version = number(name);
        case "opaque" -> opaque = number(name);
        case "flag" -> flag = number(name);
        case "remark" -> remark = text(name);
        case "language" -> language = language();
        case "extFields" -> fields = fields();
        default -> parser.skipChildren();
      }
    }

    private int number(String name) {
      return switch (parser.currentToken()) {
        case VALUE_NUMBER_INT -> parser.getIntValue();
        case VALUE_NULL -> 0;
        case VALUE_STRING -> parse(name, parser.getString());
        default -> throw bad("the member '" + name + "' of the JSON header is not a number");
      };
    }

    private static int parse(String name, String text) {
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw new ProtocolException(
            Fault.BAD_HEADER, "the member '" + name + "' of the JSON header is not a number", e);
      }
    }

    private Language language() {
      if (parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
        return Language.ofCode(parser.getIntValue());
      }
      String name = text("language");
      return name == null ? Language.OTHER : Language.ofName(name);
    }

    private @Nullable String text(String name) {
      JsonToken token = parser.currentToken();
      if (token == JsonToken.VALUE_NULL) {
        return null;
      }
      if (token == null || !token.isScalarValue()) {
        throw bad("the member '" + name + "' of the JSON header is not text");
      }
      return parser.getString();
    }

    private Map<String, String> fields() {
      if (parser.hasToken(JsonToken.VALUE_NULL)) {
        return Map.of();
      }
      if (!parser.hasToken(JsonToken.START_OBJECT)) {
        throw bad("the member 'extFields' of the JSON header is not an object");
      }
      Map<String, String> read = HashMap.newHashMap(32);
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        if (read.size() == limits.maxExtFields()) {
          throw bad("the header has more than " + limits.maxExtFields() + " fields");
        }
        parser.nextToken();
        String value = text(name);
        if (value != null) {
          read.put(name, value);
        }
      }
      return read;
    }

    private static ProtocolException bad(String message) {
      return new ProtocolException(Fault.BAD_HEADER, message);
    }
  }
}
