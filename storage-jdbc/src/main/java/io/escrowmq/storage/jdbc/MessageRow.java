package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.QueueId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
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

  private static final int V6_EXTRA = 12;
  private static final int V4_FIXED = 84;

  private final Fields fields;
  private final byte[] body;

  /**
   * The record before and after the body, where the other columns do not give it back byte for byte
   * (unusual properties text, a foreign checksum); else null.
   */
  private final byte @Nullable [] exact;

  private MessageRow(Fields fields, byte[] body, byte @Nullable [] exact) {
    this.fields = fields;
    this.body = body;
    this.exact = exact;
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

  /** The columns of a message, copied out of it. */
  static MessageRow of(Message message) {
    byte[] body = new byte[message.bodyLength()];
    message.body().get(body);
    Fields fields =
        new Fields(
            message.size(),
            message.bornTimeMs(),
            text(message.bornHost()),
            text(message.storeHost()),
            message.flag(),
            message.systemFlag(),
            message.reconsumeTimes(),
            message.preparedTransactionOffset(),
            PropertiesJson.write(MessageProperties.parse(message.propertiesText())),
            Message.crcOf(ByteBuffer.wrap(body)));
    MessageRow row = new MessageRow(fields, body, null);
    Message unstamped = message.stamped(0, 0, 0);
    if (row.rebuilt(message.queueId()).equals(unstamped)) {
      return row;
    }
    return new MessageRow(fields, body, around(unstamped, body.length));
  }

  /** Reads the columns by name. */
  static MessageRow read(ResultSet row) throws SQLException {
    Fields fields =
        new Fields(
            row.getInt("size_bytes"),
            row.getLong("born_ms"),
            row.getString("born_host"),
            row.getString("store_host"),
            row.getInt("flag"),
            row.getInt("system_flag"),
            row.getInt("reconsume_times"),
            row.getLong("prepared_offset"),
            row.getString("properties"),
            row.getInt("body_crc"));
    return new MessageRow(fields, row.getBytes("body"), row.getBytes("exact"));
  }

  /** The values of {@link #COLUMNS}. */
  @Nullable Object[] toColumns() {
    Map<String, String> properties = PropertiesJson.read(fields.properties);
    return new @Nullable Object[] {
      fields.sizeBytes,
      fields.bornMs,
      fields.bornHost,
      fields.storeHost,
      fields.flag,
      fields.systemFlag,
      fields.reconsumeTimes,
      fields.preparedOffset,
      readable(properties.get(MessageProperties.UNIQUE_KEY)),
      readable(properties.get(MessageProperties.KEYS)),
      readable(properties.get(MessageProperties.TAGS)),
      fields.properties,
      fields.bodyCrc,
      body,
      exact
    };
  }

  /** The small columns. */
  Fields fields() {
    return fields;
  }

  /** True if the columns alone give the message back. */
  boolean isPlain() {
    return exact == null;
  }

  /** The message as it was sent, with zeros where the engine stamps. */
  Message message(QueueId queue) {
    return exact == null ? rebuilt(queue) : joined(exact);
  }

  /** True if the body is the one that was written. */
  boolean isIntact() {
    return Message.crcOf(ByteBuffer.wrap(body)) == fields.bodyCrc;
  }

  private Message rebuilt(QueueId queue) {
    String text = MessageProperties.format(PropertiesJson.read(fields.properties));
    return new MessageBuilder()
        .queue(queue)
        .flag(fields.flag)
        .systemFlag(fields.systemFlag)
        .bornTimeMs(fields.bornMs)
        .bornHost(host(fields.bornHost))
        .storeHost(host(fields.storeHost))
        .reconsumeTimes(fields.reconsumeTimes)
        .preparedTransactionOffset(fields.preparedOffset)
        .body(body)
        .propertiesText(text)
        .build();
  }

  private Message joined(byte[] around) {
    ByteBuffer record = ByteBuffer.allocate(around.length + body.length);
    int head = bodyAt(fields.systemFlag);
    record.put(around, 0, head).put(body).put(around, head, around.length - head);
    return Message.wrap(record.flip());
  }

  private static byte[] around(Message message, int bodyLength) {
    ByteBuffer bytes = message.bytes();
    int head = bodyAt(message.systemFlag());
    byte[] around = new byte[message.size() - bodyLength];
    bytes.get(0, around, 0, head);
    bytes.get(head + bodyLength, around, head, around.length - head);
    return around;
  }

  /** Where the body begins: after two hosts of 8 or 20 bytes and the fixed fields. */
  private static int bodyAt(int systemFlag) {
    int extra = (systemFlag & MessageFormat.FLAG_STORE_HOST_V6) == 0 ? 0 : V6_EXTRA;
    int bornExtra = (systemFlag & MessageFormat.FLAG_BORN_HOST_V6) == 0 ? 0 : V6_EXTRA;
    return V4_FIXED + 4 + extra + bornExtra;
  }

  private static String text(InetSocketAddress host) {
    return host.getAddress().getHostAddress() + ":" + host.getPort();
  }

  private static InetSocketAddress host(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        InetAddress.ofLiteral(text.substring(0, colon)),
        Integer.parseInt(text.substring(colon + 1)));
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
