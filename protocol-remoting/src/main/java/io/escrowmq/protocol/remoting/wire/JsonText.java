package io.escrowmq.protocol.remoting.wire;

import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Reads the JSON that clients of every age send. It is lenient about quoting, because old encoders
 * wrote bare and single-quoted names, and strict about size: depth, number length and name length
 * are bounded, and type hints have no meaning, so nothing in a text can name a class.
 */
public final class JsonText {
  private static final int MAX_DEPTH = 32;
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES)
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(24)
                  .maxNameLength(1024)
                  .maxStringLength(FrameLimits.DEFAULT.maxJsonBodyBytes())
                  .build())
          .build();

  private JsonText() {}

  static JsonParser parser(byte[] utf8) {
    return FACTORY.createParser(ObjectReadContext.empty(), utf8);
  }

  /**
   * Parses a body whose root is an object into maps, lists, strings, longs and booleans. Members
   * that are null are left out.
   *
   * @throws ProtocolException if the text is no JSON object; {@code what} names it in the message
   */
  public static JsonObject object(byte[] utf8, String what) {
    try (JsonParser parser = parser(utf8)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new ProtocolException(Fault.BAD_BODY, what + " is not a JSON object");
      }
      return new JsonObject(what, members(parser));
    } catch (JacksonException e) {
      throw new ProtocolException(Fault.BAD_BODY, what + " is not valid JSON" + place(e), e);
    }
  }

  /** Where a parser gave up; its own words would quote the text. */
  static String place(JacksonException e) {
    TokenStreamLocation location = e.getLocation();
    return location == null ? "" : " near byte " + location.getByteOffset();
  }

  private static Map<String, Object> members(JsonParser parser) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      Object value = value(parser);
      if (value != null) {
        members.put(name, value);
      }
    }
    return members;
  }

  private static List<Object> elements(JsonParser parser) {
    List<Object> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Object value = value(parser);
      if (value != null) {
        elements.add(value);
      }
    }
    return elements;
  }

  private static @Nullable Object value(JsonParser parser) {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> members(parser);
      case START_ARRAY -> elements(parser);
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> (long) parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new ProtocolException(Fault.BAD_BODY, "the JSON text ends too early");
    };
  }
}
