package io.escrowmq.protocol.remoting.wire;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON headers of the shape that official clients write: known members, no white space, no
 * nesting but the fields', whole numbers of 32 bits, texts in valid UTF-8 with the usual escapes.
 * Anything else, and all that is wrong, it leaves to the complete parser, by answering null; so
 * what it does answer is what the complete parser would have.
 */
final class OrdinaryJsonHeader {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  /** Zeros behind the header: a text ends there at the latest, and words can be read whole. */
  private static final int PADDING = 2 * Long.BYTES;

  private static final int MAX_NAME_BYTES = 256;
  private static final int MAX_DIGITS = 10;
  private static final int USUAL_FIELDS = 16;

  private final byte[] json;
  private final int maxFields;
  private int at;

  /** Set once something was read that is not for this reader; what it says then has no meaning. */
  private boolean odd;

  private boolean codeSeen;
  private int code;
  private Language language = Language.JAVA;
  private int version;
  private int opaque;
  private int flag;
  private @Nullable String remark;
  private Map<String, String> fields = Map.of();

  private OrdinaryJsonHeader(byte[] json, int maxFields) {
    this.json = json;
    this.maxFields = maxFields;
  }

  /** The header, or null if it is not of the ordinary shape. Leaves the buffer as it is. */
  static @Nullable RemotingCommand decode(ByteBuf header, FrameLimits limits) {
    int length = header.readableBytes();
    byte[] json = new byte[length + PADDING];
    header.getBytes(header.readerIndex(), json, 0, length);
    return new OrdinaryJsonHeader(json, limits.maxExtFields()).read();
  }

  private @Nullable RemotingCommand read() {
    expect('{');
    do {
      String name = name();
      expect(':');
      member(name);
    } while (!odd && take(','));
    expect('}');
    return odd || !codeSeen
        ? null
        : new RemotingCommand(
            code, language, version, opaque, flag, remark, fields, HeaderEncoding.JSON);
  }

  private void member(String name) {
    switch (name) {
      case "code" -> {
        code = RequestCodes.restore(number());
        codeSeen = true;
      }
      case "flag" -> flag = number();
      case "opaque" -> opaque = number();
      case "version" -> version = number();
      case "language" -> language = Language.ofName(text());
      case "remark" -> remark = text();
      case "extFields" -> fields = fields();
      case "serializeTypeCurrentRPC" -> {
        // The frame says it too, and is believed.
        var _ = text();
      }
      default -> odd = true;
    }
  }

  private Map<String, String> fields() {
    expect('{');
    if (take('}')) {
      return Map.of();
    }
    Map<String, String> read = HashMap.newHashMap(USUAL_FIELDS);
    do {
      odd |= read.size() == maxFields;
      String name = name();
      expect(':');
      read.put(name, value());
    } while (!odd && take(','));
    expect('}');
    return read;
  }

  /** A field's value: text as it is, numbers as they are written. */
  private String value() {
    if (json[at] == '"') {
      return text();
    }
    int from = at;
    var _ = digits();
    return ascii(from, at);
  }

  private int number() {
    long number = digits();
    odd |= number != (int) number;
    return (int) number;
  }

  /** A whole number of at most ten digits. */
  private long digits() {
    boolean negative = take('-');
    int from = at;
    long number = 0;
    while (json[at] >= '0' && json[at] <= '9' && at - from < MAX_DIGITS) {
      number = number * 10 + (json[at++] - '0');
    }
    // The complete parser knows what to say of 01 and what a field of -0 is.
    odd |= at == from || (json[from] == '0' && (negative || at - from > 1));
    return negative ? -number : number;
  }

  private String name() {
    expect('"');
    int from = at;
    at = plainUpTo(from);
    odd |= at - from > MAX_NAME_BYTES;
    String name = ascii(from, at);
    expect('"');
    return name;
  }

  private String text() {
    expect('"');
    int from = at;
    at = plainUpTo(from);
    return take('"') ? ascii(from, at - 1) : unescaped(from);
  }

  /** The text that begins there and is not plain at the current byte. Moves it together. */
  private String unescaped(int from) {
    int to = at;
    boolean ascii = true;
    while (!odd && !take('"')) {
      if (take('\\')) {
        json[to++] = escaped();
      } else {
        ascii = false;
        // What is neither plain nor escaped is part of a longer character, or a control character.
        odd |= json[at] >= 0;
        json[to++] = json[at++];
      }
      int plainFrom = at;
      at = plainUpTo(plainFrom);
      System.arraycopy(json, plainFrom, json, to, at - plainFrom);
      to += at - plainFrom;
    }
    return ascii ? ascii(from, to) : utf8(from, to);
  }

  /** The character that the rest of an escape stands for. */
  private byte escaped() {
    byte kind = json[at++];
    return switch (kind) {
      case '"', '\\', '/' -> kind;
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> hex();
      default -> {
        odd = true;
        yield kind;
      }
    };
  }

  /** An ASCII character, by its number. */
  private byte hex() {
    expect('0');
    expect('0');
    int high = Character.digit(json[at], 16);
    int low = Character.digit(json[at + 1], 16);
    at += 2;
    odd |= high < 0 || high > 7 || low < 0;
    return (byte) (high << 4 | low);
  }

  /** Where the first byte from there on is that is not plain: the zero at the end at the latest. */
  private int plainUpTo(int from) {
    int word = from;
    long odd = notPlain((long) WORDS.get(json, word));
    while (odd == 0) {
      word += Long.BYTES;
      odd = notPlain((long) WORDS.get(json, word));
    }
    return word + (Long.numberOfTrailingZeros(odd) >>> 3);
  }

  /**
   * Zero if all eight bytes are ASCII, and none is a control character, a quote or a backslash;
   * else the lowest bit is the high bit of the first that is. (Subtracting borrows from the byte
   * above only where a byte is too small, which is then the first.)
   */
  private static long notPlain(long bytes) {
    long controls = bytes - ' ' * ONES;
    long quotes = (bytes ^ '"' * ONES) - ONES;
    long backslashes = (bytes ^ '\\' * ONES) - ONES;
    return (bytes | controls | quotes | backslashes) & HIGH_BITS;
  }

  private String ascii(int from, int to) {
    String known = KnownTexts.find(json, from, to - from);
    return known != null ? known : new String(json, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private String utf8(int from, int to) {
    String text = new String(json, from, to - from, StandardCharsets.UTF_8);
    // What replaces invalid bytes.
    odd |= text.indexOf('\uFFFD') >= 0;
    return text;
  }

  private boolean take(char expected) {
    if (json[at] != expected) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char expected) {
    odd |= !take(expected);
  }
}
