package io.escrowmq.spi.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A message: a read-only view of bytes in the canonical layout ({@link MessageFormat}). Accessors
 * decode on demand. Immutable as long as the bytes are, therefore thread-safe.
 */
public final class Message {

  private final ByteBuffer bytes;

  private Message(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /**
   * A view of the buffer's remaining bytes, which must be exactly one record. The bytes are shared,
   * not copied.
   *
   * @throws IllegalArgumentException if lengths inside the record do not add up
   */
  public static Message wrap(ByteBuffer record) {
    Message message = new Message(record.slice().asReadOnlyBuffer());
    message.checkLengths();
    return message;
  }

  /** The whole record, position 0 to its size. A new read-only view on each call. */
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  /** Size of the record in bytes. */
  public int size() {
    return bytes.limit();
  }

  /** A message with bytes of its own. */
  public Message copy() {
    ByteBuffer copy = ByteBuffer.allocate(size());
    copy.put(bytes());
    return new Message(copy.flip().asReadOnlyBuffer());
  }

  /** A copy that carries what the engine assigns. */
  public Message stamped(long queueOffset, long position, long storeTimeMs) {
    ByteBuffer copy = ByteBuffer.allocate(size());
    copy.put(bytes()).flip();
    stamp(copy, queueOffset, position, storeTimeMs);
    return new Message(copy.asReadOnlyBuffer());
  }

  /** A copy that says another queue number. */
  public Message withQueue(int queue) {
    ByteBuffer copy = ByteBuffer.allocate(size());
    copy.put(bytes()).flip();
    copy.putInt(MessageFormat.QUEUE, queue);
    return new Message(copy.asReadOnlyBuffer());
  }

  /** A copy that says how often consumers gave it back. */
  public Message withReconsumeTimes(int times) {
    ByteBuffer copy = ByteBuffer.allocate(size());
    copy.put(bytes()).flip();
    copy.putInt(MessageFormat.reconsumeTimesAt(systemFlag()), times);
    return new Message(copy.asReadOnlyBuffer());
  }

  /**
   * Writes the fields that an engine assigns into a record.
   *
   * @param record a writable buffer whose position 0 is the start of the record
   */
  public static void stamp(ByteBuffer record, long queueOffset, long position, long storeTimeMs) {
    record.putLong(MessageFormat.QUEUE_OFFSET, queueOffset);
    record.putLong(MessageFormat.POSITION, position);
    record.putLong(
        MessageFormat.storeTimeAt(record.getInt(MessageFormat.SYSTEM_FLAG)), storeTimeMs);
  }

  /** Topic name. */
  public String topic() {
    int at = topicAt();
    return text(at, topicLength(at - topicLengthSize()));
  }

  /** Queue number within the topic. */
  public int queue() {
    return bytes.getInt(MessageFormat.QUEUE);
  }

  /** Topic and queue number. */
  public QueueId queueId() {
    return new QueueId(topic(), queue());
  }

  /** The application's flag. */
  public int flag() {
    return bytes.getInt(MessageFormat.FLAG);
  }

  /** Offset in the queue; meaningful once visible. */
  public long queueOffset() {
    return bytes.getLong(MessageFormat.QUEUE_OFFSET);
  }

  /** Address in the store; meaningful once visible. */
  public long position() {
    return bytes.getLong(MessageFormat.POSITION);
  }

  /** System flag bits, see the constants of {@link MessageFormat}. */
  public int systemFlag() {
    return bytes.getInt(MessageFormat.SYSTEM_FLAG);
  }

  /** The producer's time, milliseconds since the epoch. */
  public long bornTimeMs() {
    return bytes.getLong(MessageFormat.BORN_TIME);
  }

  /** The producer's address. */
  public InetSocketAddress bornHost() {
    return host(MessageFormat.BORN_HOST, MessageFormat.FLAG_BORN_HOST_V6);
  }

  /** The store's time, milliseconds since the epoch; meaningful once visible. */
  public long storeTimeMs() {
    return bytes.getLong(MessageFormat.storeTimeAt(systemFlag()));
  }

  /** The server's advertised address. */
  public InetSocketAddress storeHost() {
    return host(MessageFormat.storeHostAt(systemFlag()), MessageFormat.FLAG_STORE_HOST_V6);
  }

  /** How often consumers gave this message back. */
  public int reconsumeTimes() {
    return bytes.getInt(MessageFormat.reconsumeTimesAt(systemFlag()));
  }

  /**
   * The half of the transaction handle that clients know as the commit log offset, for messages of
   * a transaction; else 0.
   */
  public long preparedTransactionOffset() {
    return bytes.getLong(MessageFormat.preparedOffsetAt(systemFlag()));
  }

  /** The body. A new read-only view on each call. */
  public ByteBuffer body() {
    return bytes.slice(bodyAt(), bodyLength());
  }

  /** Length of the body in bytes. */
  public int bodyLength() {
    return bytes.getInt(MessageFormat.bodyLengthAt(systemFlag()));
  }

  /** The stored checksum of the body. */
  public int bodyCrc() {
    return bytes.getInt(MessageFormat.BODY_CRC);
  }

  /** The properties in their text form, see {@link MessageProperties}. */
  public String propertiesText() {
    int topicAt = topicAt();
    int at = topicAt + topicLength(topicAt - topicLengthSize());
    return text(at + Short.BYTES, bytes.getShort(at) & 0xFFFF);
  }

  /** One property. */
  public Optional<String> property(String name) {
    return MessageProperties.find(propertiesText(), name);
  }

  /** The blank-separated words of the KEYS property. */
  public List<String> keys() {
    return property(MessageProperties.KEYS)
        .map(keys -> Arrays.stream(keys.split(" ")).filter(key -> !key.isEmpty()).toList())
        .orElse(List.of());
  }

  /** The id given by the client, or by the server if the client gave none. */
  public Optional<String> uniqueKey() {
    return property(MessageProperties.UNIQUE_KEY);
  }

  /** The tag. */
  public Optional<String> tags() {
    return property(MessageProperties.TAGS);
  }

  /** A builder that starts with everything this message has. */
  public MessageBuilder toBuilder() {
    return new MessageBuilder()
        .queue(queueId())
        .flag(flag())
        .systemFlag(systemFlag())
        .bornTimeMs(bornTimeMs())
        .bornHost(bornHost())
        .storeHost(storeHost())
        .reconsumeTimes(reconsumeTimes())
        .preparedTransactionOffset(preparedTransactionOffset())
        .body(body())
        .propertiesText(propertiesText());
  }

  /** The checksum the wire format wants for a body: CRC-32 without the top bit. */
  public static int crcOf(ByteBuffer body) {
    CRC32 crc = new CRC32();
    crc.update(body.duplicate());
    return (int) (crc.getValue() & 0x7FFFFFFF);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Message that && bytes.equals(that.bytes);
  }

  @Override
  public int hashCode() {
    return bytes.hashCode();
  }

  @Override
  public String toString() {
    return "Message[" + queueId() + " offset=" + queueOffset() + " size=" + size() + "]";
  }

  private int bodyAt() {
    return MessageFormat.bodyLengthAt(systemFlag()) + Integer.BYTES;
  }

  private int topicLengthSize() {
    return bytes.getInt(MessageFormat.MAGIC) == MessageFormat.MAGIC_V2 ? Short.BYTES : Byte.BYTES;
  }

  private int topicAt() {
    return bodyAt() + bodyLength() + topicLengthSize();
  }

  private int topicLength(int at) {
    return topicLengthSize() == Byte.BYTES ? bytes.get(at) & 0xFF : bytes.getShort(at) & 0xFFFF;
  }

  private String text(int at, int length) {
    byte[] utf8 = new byte[length];
    bytes.get(at, utf8);
    return new String(utf8, UTF_8);
  }

  private InetSocketAddress host(int at, int bit) {
    int addressSize = MessageFormat.hostSize(systemFlag(), bit) - Integer.BYTES;
    byte[] address = new byte[addressSize];
    bytes.get(at, address);
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(address), bytes.getInt(at + addressSize) & 0xFFFF);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + addressSize + " bytes", e);
    }
  }

  private void checkLengths() {
    int size = bytes.limit();
    require(size >= MessageFormat.MIN_SIZE, "a record has at least " + MessageFormat.MIN_SIZE);
    require(bytes.getInt(MessageFormat.TOTAL_SIZE) == size, "total size differs from " + size);
    int magic = bytes.getInt(MessageFormat.MAGIC);
    require(magic == MessageFormat.MAGIC_V1 || magic == MessageFormat.MAGIC_V2, "unknown magic");
    int bodyAt = bodyAt();
    require(bodyAt <= size, "no room for the hosts");
    int bodyLength = bodyLength();
    require(bodyLength >= 0 && bodyLength <= size - bodyAt - topicLengthSize(), "body length");
    int topicAt = topicAt();
    int propertiesAt = topicAt + topicLength(topicAt - topicLengthSize());
    require(propertiesAt + Short.BYTES <= size, "topic length");
    int propertiesLength = bytes.getShort(propertiesAt) & 0xFFFF;
    require(propertiesAt + Short.BYTES + propertiesLength == size, "properties length");
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalArgumentException("not a message record: " + what);
    }
  }
}
