package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.MessageProperties;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Message properties as people and databases write JSON: one flat object; values are texts, numbers
 * or truth values, and a null is left out.
 */
final class JsonProperties {

  private static final String BLANKS = " \t\r\n";
  private static final String ENDS = ",}" + BLANKS;

  private final String json;
  private int at;

  private JsonProperties(String json) {
    this.json = json;
  }

  /**
   * The properties in the order of the text.
   *
   * @throws IllegalArgumentException saying what is wrong with them
   */
  static Map<String, String> read(String json) {
    return new JsonProperties(json).object();
  }

  private Map<String, String> object() {
    Map<String, String> properties = new LinkedHashMap<>();
    expect('{');
    if (next() == '}') {
      return properties;
    }
    while (true) {
      expect('"');
      String name = plain(string());
      expect(':');
      String value = next() == '"' ? quoted() : literal(name);
      if (!value.equals("null") || json.charAt(at - 1) == '"') {
        properties.put(name, plain(value));
      }
      if (next() == '}') {
        return properties;
      }
      expect(',');
    }
  }

  private String quoted() {
    expect('"');
    return string();
  }

  private String literal(String name) {
    int begin = at;
    while (at < json.length() && ENDS.indexOf(json.charAt(at)) < 0) {
      at++;
    }
    String value = json.substring(begin, at);
    if (value.isEmpty() || "{[".indexOf(value.charAt(0)) >= 0) {
      throw new IllegalArgumentException("the property " + name + " is not a text or a number");
    }
    return value;
  }

  private String string() {
    StringBuilder text = new StringBuilder();
    while (true) {
      char c = take();
      if (c == '"') {
        return text.toString();
      }
      text.append(c == '\\' ? escaped() : c);
    }
  }

  private char escaped() {
    char kind = take();
    return switch (kind) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> {
        int end = Math.min(at + 4, json.length());
        char c = (char) Integer.parseInt(json.substring(at, end), 16);
        at = end;
        yield c;
      }
      default -> kind;
    };
  }

  private static String plain(String text) {
    if (text.indexOf(MessageProperties.NAME_END) >= 0
        || text.indexOf(MessageProperties.VALUE_END) >= 0) {
      throw new IllegalArgumentException(
          "a property has a character that ends properties (U+0001 or U+0002)");
    }
    return text;
  }

  private void expect(char wanted) {
    if (next() != wanted) {
      throw new IllegalArgumentException("the properties have no " + wanted + " at " + at);
    }
    at++;
  }

  private char next() {
    while (at < json.length() && BLANKS.indexOf(json.charAt(at)) >= 0) {
      at++;
    }
    if (at >= json.length()) {
      throw new IllegalArgumentException("the properties end early");
    }
    return json.charAt(at);
  }

  private char take() {
    if (at >= json.length()) {
      throw new IllegalArgumentException("the properties end early");
    }
    return json.charAt(at++);
  }
}
