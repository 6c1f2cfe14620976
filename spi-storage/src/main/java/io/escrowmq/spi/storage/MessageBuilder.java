package io.escrowmq.spi.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Encodes a message in the canonical layout. Not thread-safe. */
public final class MessageBuilder {

  private static final InetSocketAddress NOWHERE =
      new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0);
  private static final int MAX_V1_TOPIC_BYTES = Byte.MAX_VALUE;

  private QueueId queue = new QueueId("unset", 0);
  private int flag;
  private int systemFlag;
  private long bornTimeMs;
  private InetSocketAddress bornHost = NOWHERE;
  private InetSocketAddress storeHost = NOWHERE;
  private int reconsumeTimes;
  private long preparedTransactionOffset;
  private ByteBuffer body = ByteBuffer.allocate(0);
  private String propertiesText = "";

  /** Topic and queue number. Required. */
  public MessageBuilder queue(QueueId queue) {
    this.queue = queue;
    return this;
  }

  /** The application's flag, opaque. */
  public MessageBuilder flag(int flag) {
    this.flag = flag;
    return this;
  }

  /** System flag bits; the two host bits are set by this builder. */
  public MessageBuilder systemFlag(int systemFlag) {
    this.systemFlag = systemFlag;
    return this;
  }

  /** The producer's time, milliseconds since the epoch. */
  public MessageBuilder bornTimeMs(long bornTimeMs) {
    this.bornTimeMs = bornTimeMs;
    return this;
  }

  /** The producer's address; must be resolved. */
  public MessageBuilder bornHost(InetSocketAddress bornHost) {
    this.bornHost = bornHost;
    return this;
  }

  /** The server's advertised address; must be resolved. */
  public MessageBuilder storeHost(InetSocketAddress storeHost) {
    this.storeHost = storeHost;
    return this;
  }

  /** How often consumers gave this message back. */
  public MessageBuilder reconsumeTimes(int reconsumeTimes) {
    this.reconsumeTimes = reconsumeTimes;
    return this;
  }

  /** The half of the transaction handle that clients know as the commit log offset; 0 for none. */
  public MessageBuilder preparedTransactionOffset(long preparedTransactionOffset) {
    this.preparedTransactionOffset = preparedTransactionOffset;
    return this;
  }

  /** The body: the remaining bytes, read when {@link #build()} is called. */
  public MessageBuilder body(ByteBuffer body) {
    this.body = body;
    return this;
  }

  /** The body. */
  public MessageBuilder body(byte[] body) {
    return body(ByteBuffer.wrap(body));
  }

  /** The properties in text form, see {@link MessageProperties}. */
  public MessageBuilder propertiesText(String propertiesText) {
    this.propertiesText = propertiesText;
    return this;
  }

  /**
   * The encoded message, with queue offset, position and store time still zero.
   *
   * @throws StorageException.TooLarge if the properties do not fit
   */
  public Message build() {
    byte[] topic = queue.topic().getBytes(UTF_8);
    byte[] properties = propertiesText.getBytes(UTF_8);
    if (properties.length > MessageFormat.MAX_PROPERTIES_BYTES) {
      throw new StorageException.TooLarge(
          "the properties text", properties.length, MessageFormat.MAX_PROPERTIES_BYTES);
    }
    boolean wideTopic = topic.length > MAX_V1_TOPIC_BYTES;
    int flags = withHostBits();
    int size =
        MessageFormat.bodyLengthAt(flags)
            + Integer.BYTES
            + body.remaining()
            + (wideTopic ? Short.BYTES : Byte.BYTES)
            + topic.length
            + Short.BYTES
            + properties.length;
    ByteBuffer record = ByteBuffer.allocate(size);
    record.putInt(size);
    record.putInt(wideTopic ? MessageFormat.MAGIC_V2 : MessageFormat.MAGIC_V1);
    record.putInt(Message.crcOf(body));
    record.putInt(queue.queue()).putInt(flag);
    record.putLong(0).putLong(0);
    record.putInt(flags).putLong(bornTimeMs);
    putHost(record, bornHost);
    record.putLong(0);
    putHost(record, storeHost);
    record.putInt(reconsumeTimes).putLong(preparedTransactionOffset);
    record.putInt(body.remaining()).put(body.duplicate());
    if (wideTopic) {
      record.putShort((short) topic.length);
    } else {
      record.put((byte) topic.length);
    }
    record.put(topic).putShort((short) properties.length).put(properties);
    return Message.wrap(record.flip());
  }

  private int withHostBits() {
    int flags = systemFlag & ~(MessageFormat.FLAG_BORN_HOST_V6 | MessageFormat.FLAG_STORE_HOST_V6);
    if (bornHost.getAddress() instanceof Inet6Address) {
      flags |= MessageFormat.FLAG_BORN_HOST_V6;
    }
    if (storeHost.getAddress() instanceof Inet6Address) {
      flags |= MessageFormat.FLAG_STORE_HOST_V6;
    }
    return flags;
  }

  private static void putHost(ByteBuffer record, InetSocketAddress host) {
    record.put(host.getAddress().getAddress()).putInt(host.getPort());
  }
}
