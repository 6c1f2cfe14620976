package io.escrowmq.storage.commitlog.log;

/**
 * Where things are in a frame and in its records. Big-endian. The drawing is in {@code
 * docs/formats/commitlog.md}.
 *
 * <pre>
 * frame   0 magic  4 header CRC32C (bytes 8 to the end of the decisions)  8 frame length
 *         12 type  13 flags  14 record count  16 own position  24 store time ms
 *         32 position known durable when this was decided  40 store id
 *         48 decisions: per record 8 bytes (outcome code in the top byte, queue offset below)
 * record  0 CRC32C of the rest without stamped fields  4 length  8 type  9 hold kind
 *         10 name length  12 key, attributes or queue number
 *         16 fields by type, then name, key or attributes, then message or value; 8-byte aligned
 * </pre>
 */
public final class FrameLayout {

  /** Frames start and end at multiples of this. */
  public static final int ALIGNMENT = 64;

  /** First word of every frame, "EMQ" and the format version. */
  static final int MAGIC = 0x454D5101;

  static final int CRC = 4;
  static final int LENGTH = 8;
  static final int TYPE = 12;
  static final int COUNT = 14;
  static final int POSITION = 16;
  static final int STORE_TIME = 24;
  static final int DURABLE = 32;
  static final int STORE_ID = 40;
  static final int DECISIONS = 48;
  static final int DECISION_BYTES = 8;

  static final int RECORD_CRC = 0;
  static final int RECORD_LENGTH = 4;
  static final int RECORD_TYPE = 8;
  static final int RECORD_KIND = 9;
  static final int RECORD_NAME = 10;
  static final int RECORD_EXTRA = 12;
  static final int RECORD_FIELDS = 16;

  /** A frame of records. */
  static final int TYPE_BATCH = 1;

  /** Nothing up to the end of the segment. */
  static final int TYPE_PAD = 2;

  /** Largest frame that a batch within the SPI's limits can need. */
  public static final int MAX_FRAME_BYTES = 24 * 1024 * 1024;

  private static final int OFFSET_BITS = 56;
  private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;

  private FrameLayout() {}

  /** Rounds up to the frame alignment. */
  public static int aligned(int bytes) {
    return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
  }

  static int recordAligned(int bytes) {
    return (bytes + 7) & -8;
  }

  static int recordsAt(int count) {
    return DECISIONS + count * DECISION_BYTES;
  }

  static long decision(int outcomeCode, long queueOffset) {
    return (long) outcomeCode << OFFSET_BITS | queueOffset & OFFSET_MASK;
  }

  static int outcomeCode(long decision) {
    return (int) (decision >>> OFFSET_BITS);
  }

  static long decidedOffset(long decision) {
    return decision & OFFSET_MASK;
  }
}
