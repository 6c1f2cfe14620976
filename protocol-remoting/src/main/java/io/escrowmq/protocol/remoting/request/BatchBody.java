package io.escrowmq.protocol.remoting.request;

import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of request 320 (Apache RocketMQ remoting protocol): per message {@code int32} size,
 * {@code int32} magic, {@code int32} CRC (both ignored), {@code int32} flag, {@code int32} body
 * length and body, {@code int16} properties length and properties; no topic, no queue.
 */
public final class BatchBody {
  /** Most messages in one batch. */
  public static final int MAX_MESSAGES = 65_536;

  private static final int FIXED_BYTES = 4 + 4 + 4 + 4 + 4 + 2;

  private BatchBody() {}

  /**
   * One message of a batch.
   *
   * @param flag the application's flag
   * @param body a view of the batch
   * @param properties the properties in text form
   */
  public record Entry(int flag, ByteBuffer body, String properties) {}

  /**
   * Splits a batch.
   *
   * @throws ProtocolException if the lengths do not add up
   */
  public static List<Entry> decode(ByteBuffer batch) {
    ByteBuffer in = batch.slice();
    List<Entry> entries = new ArrayList<>();
    while (in.hasRemaining()) {
      if (entries.size() == MAX_MESSAGES) {
        throw bad(entries, "the batch holds more than " + MAX_MESSAGES + " messages; send less");
      }
      entries.add(next(in, entries));
    }
    if (entries.isEmpty()) {
      throw bad(entries, "the batch is empty");
    }
    return entries;
  }

  private static Entry next(ByteBuffer in, List<Entry> before) {
    int available = in.remaining();
    if (available < FIXED_BYTES) {
      throw bad(before, available + " bytes are left, a message takes at least " + FIXED_BYTES);
    }
    int start = in.position();
    int size = in.getInt(start);
    if (size < FIXED_BYTES || size > available) {
      throw bad(before, "its size is " + size + " with " + available + " bytes left");
    }
    ByteBuffer record = in.slice(start, size);
    in.position(start + size);
    int flag = record.getInt(12);
    int bodyBytes = record.getInt(16);
    if (bodyBytes < 0 || bodyBytes > size - FIXED_BYTES) {
      throw bad(before, "its body length is " + bodyBytes + " in a record of " + size);
    }
    int propertiesAt = 20 + bodyBytes;
    int propertiesBytes = record.getShort(propertiesAt);
    if (propertiesBytes < 0 || propertiesAt + 2 + propertiesBytes != size) {
      throw bad(before, "its properties length is " + propertiesBytes + " in a record of " + size);
    }
    ByteBuffer properties = record.slice(propertiesAt + 2, propertiesBytes);
    return new Entry(flag, record.slice(20, bodyBytes), text(properties, before));
  }

  private static String text(ByteBuffer utf8, List<Entry> before) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new ProtocolException(
          Fault.BAD_BODY,
          "message " + before.size() + " of the batch: its properties are not valid UTF-8",
          e);
    }
  }

  private static ProtocolException bad(List<Entry> before, String why) {
    return new ProtocolException(
        Fault.BAD_BODY, "message " + before.size() + " of the batch: " + why);
  }
}
