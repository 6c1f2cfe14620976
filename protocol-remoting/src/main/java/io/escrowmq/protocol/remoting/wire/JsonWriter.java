package io.escrowmq.protocol.remoting.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON as official clients read it: members that are null are left out, numbers and booleans
 * are bare. It can also write what is not JSON but is spoken on this wire: map keys that are bare
 * numbers ({@code {0:"..."}}) or whole objects ({@code {{"topic":"t"}:{...}}}).
 *
 * <p>Commas are placed by the writer; the caller only opens, names and closes. Not thread-safe.
 */
public final class JsonWriter {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final StringBuilder out;
  private boolean needsComma;

  /** A writer with room for {@code expectedChars} characters before it grows. */
  public JsonWriter(int expectedChars) {
    out = new StringBuilder(expectedChars);
  }

  /**
   * Opens an object, as a value, a list element, or (after a comma is due) an object-shaped key.
   */
  public JsonWriter startObject() {
    comma();
    out.append('{');
    needsComma = false;
    return this;
  }

  /** Closes the innermost object. */
  public JsonWriter endObject() {
    out.append('}');
    needsComma = true;
    return this;
  }

  /** Opens a list. */
  public JsonWriter startArray() {
    comma();
    out.append('[');
    needsComma = false;
    return this;
  }

  /** Closes the innermost list. */
  public JsonWriter endArray() {
    out.append(']');
    needsComma = true;
    return this;
  }

  /** Writes a member name; the value must follow. */
  public JsonWriter name(String name) {
    comma();
    quote(name);
    return endKey();
  }

  /** Writes a number as a member name, bare or quoted. */
  public JsonWriter numericName(long name, boolean quoted) {
    if (quoted) {
      return name(Long.toString(name));
    }
    comma();
    out.append(name);
    return endKey();
  }

  /** Turns the object just closed into a map key; the value must follow. */
  public JsonWriter endKey() {
    out.append(':');
    needsComma = false;
    return this;
  }

  /** Writes a text value. */
  public JsonWriter text(String value) {
    comma();
    quote(value);
    needsComma = true;
    return this;
  }

  /** Writes a number. */
  public JsonWriter number(long value) {
    comma();
    out.append(value);
    needsComma = true;
    return this;
  }

  /** Writes a number with a fraction. */
  public JsonWriter decimal(double value) {
    comma();
    out.append(value);
    needsComma = true;
    return this;
  }

  /** Writes a value that is in the form of this writer already. */
  public JsonWriter raw(String value) {
    comma();
    out.append(value);
    needsComma = true;
    return this;
  }

  /** Writes a truth value. */
  public JsonWriter bool(boolean value) {
    comma();
    out.append(value);
    needsComma = true;
    return this;
  }

  /** Writes a text member, or nothing if the value is null. */
  public JsonWriter member(String name, @Nullable String value) {
    return value == null ? this : name(name).text(value);
  }

  /** Writes a number member. */
  public JsonWriter member(String name, long value) {
    return name(name).number(value);
  }

  /** Writes a truth member. */
  public JsonWriter member(String name, boolean value) {
    return name(name).bool(value);
  }

  /** What was written, in UTF-8. */
  public byte[] toBytes() {
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return out.toString();
  }

  private void comma() {
    if (needsComma) {
      out.append(',');
    }
  }

  private void quote(String text) {
    out.append('"');
    int plainFrom = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\') {
        continue;
      }
      out.append(text, plainFrom, i);
      escape(c);
      plainFrom = i + 1;
    }
    out.append(text, plainFrom, text.length()).append('"');
  }

  private void escape(char c) {
    switch (c) {
      case '"', '\\' -> out.append('\\').append(c);
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> out.append("\\u00").append(HEX[c >> 4]).append(HEX[c & 15]);
    }
  }
}
