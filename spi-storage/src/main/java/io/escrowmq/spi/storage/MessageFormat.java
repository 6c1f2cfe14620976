package io.escrowmq.spi.storage;

/**
 * The canonical record layout: what official remoting clients decode from pull answers, so that a
 * pull is a copy and not a translation (source: the stored message layout of the Apache RocketMQ
 * 4.x and 5.x remoting protocol, {@code docs/formats/remoting.md}). Big-endian.
 *
 * <pre>
 * 0  int32 total size            40 int64 born time ms
 * 4  int32 magic (v1, v2)        48 born host: 4 or 16 address bytes, int32 port
 * 8  int32 CRC32 of the body     B  int64 store time ms            B = 56, or 68 with an IPv6 born host
 * 12 int32 queue number          +8 store host: 4 or 16 address bytes, int32 port
 * 16 int32 flag                  A  int32 reconsume times          A = after the store host
 * 20 int64 queue offset          +4 int64 prepared transaction offset
 * 28 int64 position              +12 int32 body length, body
 * 36 int32 system flag           then topic length (int8 in v1, int16 in v2), topic,
 *                                int16 properties length, properties
 * </pre>
 */
public final class MessageFormat {

  /** First layout: one byte for the topic length. */
  public static final int MAGIC_V1 = 0xDAA320A7;

  /** Second layout: two bytes for the topic length. */
  public static final int MAGIC_V2 = 0xDAA320AB;

  /** System flag bit: the body is compressed. */
  public static final int FLAG_COMPRESSED = 0x1;

  /** System flag bit: the message is a half message of a transaction. */
  public static final int FLAG_TRANSACTION_PREPARED = 0x4;

  /** System flag bits: the message was committed by its transaction. */
  public static final int FLAG_TRANSACTION_COMMIT = 0x8;

  /**
   * System flag bits that tell the transaction state; equals the roll-back state when all are set.
   */
  public static final int FLAG_TRANSACTION_MASK = 0xC;

  /** System flag bit: the born host is an IPv6 address. */
  public static final int FLAG_BORN_HOST_V6 = 0x10;

  /** System flag bit: the store host is an IPv6 address. */
  public static final int FLAG_STORE_HOST_V6 = 0x20;

  /** Largest properties text in bytes. */
  public static final int MAX_PROPERTIES_BYTES = Short.MAX_VALUE;

  static final int TOTAL_SIZE = 0;
  static final int MAGIC = 4;
  static final int BODY_CRC = 8;

  /** Where the queue number (4 bytes) lies. */
  public static final int QUEUE = 12;

  static final int FLAG = 16;

  /** Where the queue offset (8 bytes) lies; the position (8 bytes) follows it. */
  public static final int QUEUE_OFFSET = 20;

  static final int POSITION = 28;

  /** Where the system flag (4 bytes) lies. */
  public static final int SYSTEM_FLAG = 36;

  static final int BORN_TIME = 40;
  static final int BORN_HOST = 48;
  static final int MIN_SIZE = 91;

  private static final int V4_HOST = 8;
  private static final int V6_HOST = 20;

  private MessageFormat() {}

  static int hostSize(int systemFlag, int bit) {
    return (systemFlag & bit) == 0 ? V4_HOST : V6_HOST;
  }

  /** Where the store time (8 bytes) lies in a record with this system flag. */
  public static int storeTimeAt(int systemFlag) {
    return BORN_HOST + hostSize(systemFlag, FLAG_BORN_HOST_V6);
  }

  static int storeHostAt(int systemFlag) {
    return storeTimeAt(systemFlag) + Long.BYTES;
  }

  static int reconsumeTimesAt(int systemFlag) {
    return storeHostAt(systemFlag) + hostSize(systemFlag, FLAG_STORE_HOST_V6);
  }

  static int preparedOffsetAt(int systemFlag) {
    return reconsumeTimesAt(systemFlag) + Integer.BYTES;
  }

  static int bodyLengthAt(int systemFlag) {
    return preparedOffsetAt(systemFlag) + Long.BYTES;
  }
}
