package io.escrowmq.protocol.remoting.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON headers whose texts are ASCII and need no escape, as nearly all do. The bytes are
 * those that {@link JsonHeader#encodeAny} writes.
 */
final class AsciiJsonHeader {
  private static final byte[] CODE = "{\"code\":".getBytes(US_ASCII);
  private static final byte[] FIELDS = ",\"extFields\":{".getBytes(US_ASCII);
  private static final byte[] FLAG = ",\"flag\":".getBytes(US_ASCII);
  private static final byte[] LANGUAGE = ",\"language\":".getBytes(US_ASCII);
  private static final byte[] OPAQUE = ",\"opaque\":".getBytes(US_ASCII);
  private static final byte[] REMARK = ",\"remark\":".getBytes(US_ASCII);
  private static final byte[] VERSION =
      ",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":".getBytes(US_ASCII);

  private byte[] bytes = new byte[FrameEncoder.HEADER_ESTIMATE_BYTES];
  private int size;

  /** Set once a text needs more than its characters' low bytes. */
  private boolean odd;

  private AsciiJsonHeader() {}

  /** Appends the header, or nothing and answers false if it has other texts. */
  static boolean encode(RemotingCommand command, ByteBuf out) {
    AsciiJsonHeader header = new AsciiJsonHeader();
    header.write(command);
    if (header.odd) {
      return false;
    }
    out.writeBytes(header.bytes, 0, header.size);
    return true;
  }

  private void write(RemotingCommand command) {
    raw(CODE);
    number(command.code());
    fields(command.extFields());
    raw(FLAG);
    number(command.flag());
    raw(LANGUAGE);
    text(command.language().name());
    raw(OPAQUE);
    number(command.opaque());
    String remark = command.remark();
    if (remark != null) {
      raw(REMARK);
      text(remark);
    }
    raw(VERSION);
    number(command.version());
    character('}');
  }

  private void fields(Map<String, String> fields) {
    if (fields.isEmpty()) {
      return;
    }
    raw(FIELDS);
    int nameless = size;
    for (Map.Entry<String, String> field : fields.entrySet()) {
      if (size > nameless) {
        character(',');
      }
      text(field.getKey());
      character(':');
      text(field.getValue());
    }
    character('}');
  }

  private void raw(byte[] ascii) {
    makeRoom(ascii.length);
    System.arraycopy(ascii, 0, bytes, size, ascii.length);
    size += ascii.length;
  }

  private void number(int number) {
    plain(Integer.toString(number));
  }

  private void text(@Nullable String text) {
    if (text == null) {
      // Left out with its name.
      odd = true;
      return;
    }
    character('"');
    plain(text);
    character('"');
  }

  private void plain(String text) {
    int length = text.length();
    makeRoom(length);
    byte[] to = bytes;
    int at = size;
    boolean plain = true;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      plain &= c >= ' ' && c < 0x80 && c != '"' && c != '\\';
      to[at + i] = (byte) c;
    }
    size = at + length;
    odd |= !plain;
  }

  private void character(char ascii) {
    makeRoom(1);
    bytes[size++] = (byte) ascii;
  }

  private void makeRoom(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }
}
