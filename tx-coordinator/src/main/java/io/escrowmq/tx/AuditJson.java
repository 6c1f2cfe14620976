package io.escrowmq.tx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON of audit records: objects, arrays, texts, whole numbers, true, false and null (as
 * an empty text). Not thread-safe; one object reads one text.
 */
final class AuditJson {

  private static final int MAX_DEPTH = 8;
  private static final int UNICODE_DIGITS = 4;
  private static final int HEXADECIMAL = 16;

  private final String text;
  private int at;

  private AuditJson(String text) {
    this.text = text;
  }

  /**
   * The fields of the object.
   *
   * @throws IllegalArgumentException if the text is not one JSON object
   */
  static Map<String, Object> read(String text) {
    AuditJson json = new AuditJson(text);
    Map<String, Object> fields = json.object(0);
    json.blanks();
    if (json.at != text.length()) {
      throw json.wrong("the end");
    }
    return fields;
  }

  private Object value(int depth) {
    if (depth > MAX_DEPTH) {
      throw wrong("less nesting");
    }
    blanks();
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> word("true", "true");
      case 'f' -> word("false", "false");
      case 'n' -> word("null", "");
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) {
    Map<String, Object> fields = new LinkedHashMap<>();
    expect('{');
    blanks();
    if (peek() == '}') {
      at++;
      return fields;
    }
    do {
      blanks();
      String name = string();
      expect(':');
      fields.put(name, value(depth + 1));
    } while (more('}'));
    return fields;
  }

  private List<Object> array(int depth) {
    List<Object> values = new ArrayList<>();
    expect('[');
    blanks();
    if (peek() == ']') {
      at++;
      return values;
    }
    do {
      values.add(value(depth + 1));
    } while (more(']'));
    return values;
  }

  private boolean more(char end) {
    blanks();
    char next = peek();
    at++;
    if (next != ',' && next != end) {
      throw wrong("',' or '" + end + "'");
    }
    return next == ',';
  }

  private String string() {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (peek() != '"') {
      char c = text.charAt(at++);
      out.append(c == '\\' ? escaped() : c);
    }
    at++;
    return out.toString();
  }

  private char escaped() {
    char c = peek();
    at++;
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> {
        if (at + UNICODE_DIGITS > text.length()) {
          throw wrong("four digits");
        }
        at += UNICODE_DIGITS;
        yield (char) Integer.parseInt(text, at - UNICODE_DIGITS, at, HEXADECIMAL);
      }
      default -> c;
    };
  }

  private Long number() {
    int from = at;
    while (at < text.length() && (text.charAt(at) == '-' || Character.isDigit(text.charAt(at)))) {
      at++;
    }
    if (from == at) {
      throw wrong("a value");
    }
    return Long.parseLong(text, from, at, 10);
  }

  private String word(String word, String meaning) {
    if (!text.startsWith(word, at)) {
      throw wrong(word);
    }
    at += word.length();
    return meaning;
  }

  private void expect(char c) {
    blanks();
    if (peek() != c) {
      throw wrong("'" + c + "'");
    }
    at++;
  }

  private void blanks() {
    while (at < text.length() && text.charAt(at) <= ' ') {
      at++;
    }
  }

  private char peek() {
    if (at >= text.length()) {
      throw wrong("more");
    }
    return text.charAt(at);
  }

  private IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException(
        "not an audit record: expected " + expected + " at character " + at + " of " + text);
  }
}
