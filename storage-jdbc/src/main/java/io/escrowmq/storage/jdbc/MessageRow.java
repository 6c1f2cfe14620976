package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageProperties;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A message as columns, without what the engine assigns. Owns its bytes. Immutable. */
final class MessageRow {

  /** Names of the columns, in the order of {@link #toColumns()}. */
  static final List<String> COLUMNS =
      List.of(
          "size_bytes",
          "born_ms",
          "born_host",
          "store_host",
          "flag",
          "system_flag",
          "reconsume_times",
          "prepared_offset",
          "unique_key",
          "message_keys",
          "tags",
          "properties",
          "body_crc",
          "body",
          "exact");

  /** The types of {@link #COLUMNS}. */
  static final List<ColumnType> TYPES =
      List.of(
          ColumnType.INT,
          ColumnType.LONG,
          ColumnType.TEXT,
          ColumnType.TEXT,
          ColumnType.INT,
          ColumnType.INT,
          ColumnType.INT,
          ColumnType.LONG,
          ColumnType.TEXT,
          ColumnType.TEXT,
          ColumnType.TEXT,
          ColumnType.TEXT,
          ColumnType.INT,
          ColumnType.BYTES,
          ColumnType.BYTES);

  private final Fields fields;
  private final Message record;
  private final Found found;
  private final Around around;

  private MessageRow(Fields fields, Message record, Found found, Around around) {
    this.fields = fields;
    this.record = record;
    this.found = found;
    this.around = around;
  }

  /** The small columns. */
  record Fields(
      int sizeBytes,
      long bornMs,
      String bornHost,
      String storeHost,
      int flag,
      int systemFlag,
      int reconsumeTimes,
      long preparedOffset,
      String properties,
      int bodyCrc) {}

  /** What a message is found by, for people and for the index. */
  private record Found(
      @Nullable String uniqueKey, @Nullable String keys, @Nullable String tags, Set<Long> hashes) {}

  /** How the record around the body is kept. */
  private enum Around {
    /** The other columns give it back. */
    REBUILT,
    /** They do not, byte for byte (unusual properties text, a foreign checksum). */
    EXACT
  }

  /** The columns of a message, copied out of it. */
  static MessageRow of(Message message) {
    Message record = message.stamped(0, 0, 0);
    Map<String, String> properties = MessageProperties.parse(record.propertiesText());
    Fields fields =
        new Fields(
            record.size(),
            record.bornTimeMs(),
            text(record.bornHost()),
            text(record.storeHost()),
            record.flag(),
            record.systemFlag(),
            record.reconsumeTimes(),
            record.preparedTransactionOffset(),
            PropertiesJson.write(properties),
            Message.crcOf(record.body()));
    boolean same = new Records().isRebuilt(record, fields);
    Found found =
        new Found(
            readable(properties.get(MessageProperties.UNIQUE_KEY)),
            readable(properties.get(MessageProperties.KEYS)),
            readable(properties.get(MessageProperties.TAGS)),
            IndexHash.all(record.topic(), properties));
    return new MessageRow(fields, record, found, same ? Around.REBUILT : Around.EXACT);
  }

  /** The values of {@link #COLUMNS}. */
  @Nullable Object[] toColumns() {
    byte[] body = new byte[record.bodyLength()];
    record.body().get(body);
    return new @Nullable Object[] {
      fields.sizeBytes,
      fields.bornMs,
      fields.bornHost,
      fields.storeHost,
      fields.flag,
      fields.systemFlag,
      fields.reconsumeTimes,
      fields.preparedOffset,
      found.uniqueKey,
      found.keys,
      found.tags,
      fields.properties,
      fields.bodyCrc,
      body,
      isPlain() ? null : around()
    };
  }

  /** The small columns. */
  Fields fields() {
    return fields;
  }

  /** The hashes of everything by which the message is found. */
  Set<Long> hashes() {
    return found.hashes;
  }

  /** True if the columns alone give the message back. */
  boolean isPlain() {
    return around == Around.REBUILT;
  }

  /** The message as it was sent. */
  Message record() {
    return record;
  }

  /** The record before and after the body. */
  private byte[] around() {
    ByteBuffer bytes = record.bytes();
    int head = Records.bodyAt(fields.systemFlag);
    int tail = head + record.bodyLength();
    byte[] result = new byte[bytes.limit() - record.bodyLength()];
    bytes.get(0, result, 0, head);
    bytes.get(tail, result, head, bytes.limit() - tail);
    return result;
  }

  private static String text(InetSocketAddress host) {
    return host.getAddress().getHostAddress() + ":" + host.getPort();
  }

  /** For the columns that only people read: databases do not take every control character. */
  private static @Nullable String readable(@Nullable String text) {
    return text == null ? null : text.replace('\0', ' ');
  }

  @Override
  public String toString() {
    return "MessageRow[" + fields + "]";
  }
}
