package io.escrowmq.server.cli;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** UTF-8 bytes to a writer, whatever the pieces they come in. Not thread-safe. */
final class PrintedBytes extends OutputStream {

  private static final int ROOM = 8192;

  private final PrintWriter out;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private final ByteBuffer bytes = ByteBuffer.allocate(ROOM);
  private final CharBuffer characters = CharBuffer.allocate(ROOM);

  PrintedBytes(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    int at = offset;
    while (at < offset + length) {
      int count = Math.min(bytes.remaining(), offset + length - at);
      bytes.put(source, at, count);
      at += count;
      bytes.flip();
      decoder.decode(bytes, characters, false);
      bytes.compact();
      out.append(characters.flip());
      characters.clear();
    }
  }

  @Override
  public void flush() {
    out.flush();
  }
}
