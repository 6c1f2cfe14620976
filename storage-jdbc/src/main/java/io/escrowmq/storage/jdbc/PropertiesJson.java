package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.MessageProperties;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Message properties as one JSON object with text values, in the order of the message. Reads what
 * it wrote, and nothing more of JSON than that. Control characters are escaped, so that every
 * database takes the text.
 */
final class PropertiesJson {

  private static final int FIRST_PRINTABLE = 0x20;

  private PropertiesJson() {}

  /** The object as text. */
  static String write(Map<String, String> properties) {
    StringBuilder json = new StringBuilder(2 + properties.size() * 32);
    json.append('{');
    properties.forEach((name, value) -> {
      if (json.length() > 1) {
        json.append(',');
      }
      quote(json, name);
      json.append(':');
      quote(json, value);
    });
    return json.append('}').toString();
  }

  /**
   * The properties of the text.
   *
   * @throws IllegalArgumentException if {@link #write} cannot have written it
   */
  static Map<String, String> read(String json) {
    return new Parser(json).object();
  }

  /**
   * The properties of the JSON text in the text form of messages, without a map in between.
   *
   * @throws IllegalArgumentException if {@link #write} cannot have written it
   */
  static String toText(String json) {
    StringBuilder text = new StringBuilder(json.length());
    new Parser(json).copyTo(text);
    return text.toString();
  }

  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < FIRST_PRINTABLE) {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }

  private static final class Parser {
    private final String json;
    private int at;

    private Parser(String json) {
      this.json = json;
    }

    private Map<String, String> object() {
      Map<String, String> properties = new LinkedHashMap<>();
      StringBuilder text = new StringBuilder(json.length());
      expect('{');
      while (peek() != '}') {
        if (!properties.isEmpty()) {
          expect(',');
        }
        String name = string(text);
        expect(':');
        properties.put(name, string(text));
      }
      return properties;
    }

    private void copyTo(StringBuilder text) {
      expect('{');
      while (peek() != '}') {
        if (!text.isEmpty()) {
          expect(',');
        }
        copyString(text);
        expect(':');
        text.append(MessageProperties.NAME_END);
        copyString(text);
        text.append(MessageProperties.VALUE_END);
      }
    }

    private String string(StringBuilder text) {
      text.setLength(0);
      copyString(text);
      return text.toString();
    }

    private void copyString(StringBuilder text) {
      expect('"');
      char end = json.charAt(plain(text));
      while (end != '"') {
        at++;
        text.append(escaped());
        end = json.charAt(plain(text));
      }
      at++;
    }

    /** Copies up to the next character with a meaning, which exists; its place. */
    private int plain(StringBuilder text) {
      int end = at;
      while (end < json.length() && json.charAt(end) != '"' && json.charAt(end) != '\\') {
        end++;
      }
      text.append(json, at, end);
      at = end;
      peek();
      return at;
    }

    private char escaped() {
      char kind = peek();
      at++;
      if (kind != 'u') {
        return kind;
      }
      int end = Math.min(at + 4, json.length());
      char c = (char) Integer.parseInt(json.substring(at, end), 16);
      at = end;
      return c;
    }

    private char peek() {
      if (at >= json.length()) {
        throw new IllegalArgumentException("properties end early: " + json);
      }
      return json.charAt(at);
    }

    private void expect(char wanted) {
      if (peek() != wanted) {
        throw new IllegalArgumentException(
            "properties have no " + wanted + " at " + at + ": " + json);
      }
      at++;
    }
  }
}
