package io.escrowmq.storage.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.storage.jdbc.Readers.RowMapper;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Puts canonical records together again from the rows of a query, each in one piece of memory.
 * Remembers what neighbouring rows have in common: use one per query. Not thread-safe.
 */
final class Records {

  /** What {@link #read} wants to find, beginning at its first column; the body comes last. */
  static final String COLUMNS =
      "size_bytes, born_ms, born_host, store_host, flag, system_flag, reconsume_times,"
          + " prepared_offset, properties, body_crc, exact, body";

  /** What {@link #stamped} wants to find, of {@code mq_message m}. */
  static final String STAMPED =
      "m.queue_id, m.queue_offset, m.position, m.store_ms, m." + COLUMNS.replace(", ", ", m.");

  private static final int WIDTH = 12;

  private static final int V6_EXTRA = 12;
  private static final int V4_FIXED = 84;
  private static final int MAX_V1_TOPIC_BYTES = Byte.MAX_VALUE;

  private final Host born = new Host();
  private final Host stored = new Host();
  private @Nullable QueueId lastQueue;
  private byte[] topic = {};

  /** Reads messages of any queue from {@link #STAMPED}, for one query. */
  static RowMapper<Message> stamped(Heads heads) {
    Records records = new Records();
    return row -> {
      int id = row.getInt(1);
      QueueId queue =
          heads.name(id).orElseThrow(() -> new SQLException("a message of unknown queue " + id));
      return records.read(row, 5, queue, Stamp.read(row, 2));
    };
  }

  /**
   * The message of the row, stamped.
   *
   * @param first index of the first of {@link #COLUMNS}
   * @throws SQLException if the row does not fit together
   */
  Message read(ResultSet row, int first, QueueId queue, Stamp stamp) throws SQLException {
    byte[] body = row.getBytes(first + WIDTH - 1);
    byte[] exact = row.getBytes(first + WIDTH - 2);
    ByteBuffer record;
    if (exact != null) {
      record = joined(exact, body, row.getInt(first + 5));
    } else {
      record =
          rebuilt(
              queue,
              new MessageRow.Fields(
                  row.getInt(first),
                  row.getLong(first + 1),
                  row.getString(first + 2),
                  row.getString(first + 3),
                  row.getInt(first + 4),
                  row.getInt(first + 5),
                  row.getInt(first + 6),
                  row.getLong(first + 7),
                  row.getString(first + 8),
                  row.getInt(first + 9)),
              ByteBuffer.wrap(body));
    }
    if (record.limit() != row.getInt(first)) {
      throw new SQLException(
          "the columns of a message give "
              + record.limit()
              + " bytes, its row says "
              + row.getInt(first));
    }
    Message.stamp(record, stamp.queueOffset, stamp.position, stamp.storeMs);
    return Message.wrap(record);
  }

  /** What the engine assigned to a message. */
  record Stamp(long queueOffset, long position, long storeMs) {

    /** For held messages. */
    static final Stamp NONE = new Stamp(0, 0, 0);

    /** From three columns, beginning with the first. */
    static Stamp read(ResultSet row, int first) throws SQLException {
      return new Stamp(row.getLong(first), row.getLong(first + 1), row.getLong(first + 2));
    }
  }

  /** True if these fields and the body give the record back byte for byte. */
  boolean isRebuilt(Message record, MessageRow.Fields fields) {
    return rebuilt(record.queueId(), fields, record.body()).equals(record.bytes());
  }

  /** Where the body begins: after two hosts of 8 or 20 bytes and the fixed fields. */
  static int bodyAt(int systemFlag) {
    int extra = (systemFlag & MessageFormat.FLAG_STORE_HOST_V6) == 0 ? 0 : V6_EXTRA;
    int bornExtra = (systemFlag & MessageFormat.FLAG_BORN_HOST_V6) == 0 ? 0 : V6_EXTRA;
    return V4_FIXED + 4 + extra + bornExtra;
  }

  private ByteBuffer rebuilt(QueueId queue, MessageRow.Fields fields, ByteBuffer body) {
    if (!queue.equals(lastQueue)) {
      topic = queue.topic().getBytes(UTF_8);
      lastQueue = queue;
    }
    byte[] bornHost = born.encoded(fields.bornHost());
    byte[] storeHost = stored.encoded(fields.storeHost());
    byte[] properties = PropertiesJson.toText(fields.properties()).getBytes(UTF_8);
    boolean wide = topic.length > MAX_V1_TOPIC_BYTES;
    int fixed = V4_FIXED + 4 - 16 + bornHost.length + storeHost.length;
    int lengths = (wide ? Short.BYTES : Byte.BYTES) + Short.BYTES;
    ByteBuffer record =
        ByteBuffer.allocate(fixed + body.remaining() + topic.length + properties.length + lengths);
    record.putInt(record.limit());
    record.putInt(wide ? MessageFormat.MAGIC_V2 : MessageFormat.MAGIC_V1);
    record.putInt(fields.bodyCrc()).putInt(queue.queue()).putInt(fields.flag());
    record.putLong(0).putLong(0);
    record.putInt(fields.systemFlag()).putLong(fields.bornMs()).put(bornHost);
    record.putLong(0).put(storeHost);
    record.putInt(fields.reconsumeTimes()).putLong(fields.preparedOffset());
    record.putInt(body.remaining()).put(body);
    if (wide) {
      record.putShort((short) topic.length);
    } else {
      record.put((byte) topic.length);
    }
    record.put(topic).putShort((short) properties.length).put(properties);
    return record.flip();
  }

  private static ByteBuffer joined(byte[] around, byte[] body, int systemFlag) {
    ByteBuffer record = ByteBuffer.allocate(around.length + body.length);
    int head = bodyAt(systemFlag);
    record.put(around, 0, head).put(body).put(around, head, around.length - head);
    return record.flip();
  }

  /** The last host met: neighbours mostly share it. */
  private static final class Host {
    private String text = "";
    private byte[] bytes = {};

    /** Address and port as the record has them. */
    private byte[] encoded(String host) {
      if (!host.equals(text)) {
        int colon = host.lastIndexOf(':');
        byte[] address = InetAddress.ofLiteral(host.substring(0, colon)).getAddress();
        int port = Integer.parseInt(host.substring(colon + 1));
        bytes = ByteBuffer.allocate(address.length + 4).put(address).putInt(port).array();
        text = host;
      }
      return bytes;
    }
  }
}
