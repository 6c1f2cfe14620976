package io.escrowmq.storage.commitlog.log;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The first page of a segment file.
 *
 * <pre>
 * 0 magic "EMQSEGMT"  8 format version  12 CRC32C of bytes 16 to 48  16 store id
 * 24 base position  32 capacity bytes  40 created ms
 * </pre>
 *
 * @param storeId random number of the store, the same in all its segments
 * @param base log position of the file's first byte
 * @param capacity length of the file
 * @param createdMs creation time, milliseconds since the epoch
 */
record SegmentHeader(long storeId, long base, long capacity, long createdMs) {

  /** Room for the header; frames begin after it. */
  static final int BYTES = 4096;

  private static final long MAGIC = 0x454D515345474D54L;
  private static final int VERSION = 1;
  private static final int FIELDS = 16;
  private static final int END = 48;

  ByteBuffer encode() {
    ByteBuffer page = ByteBuffer.allocate(BYTES);
    page.putLong(0, MAGIC).putInt(8, VERSION);
    page.putLong(FIELDS, storeId);
    page.putLong(FIELDS + 8, base);
    page.putLong(FIELDS + 16, capacity);
    page.putLong(FIELDS + 24, createdMs);
    page.putInt(12, Records.crc(page.duplicate(), FIELDS, END));
    return page;
  }

  /** Empty if the page is no valid header. */
  static Optional<SegmentHeader> decode(ByteBuffer page) {
    boolean valid =
        page.limit() >= END
            && page.getLong(0) == MAGIC
            && page.getInt(8) == VERSION
            && page.getInt(12) == Records.crc(page.duplicate(), FIELDS, END);
    return valid
        ? Optional.of(
            new SegmentHeader(
                page.getLong(FIELDS),
                page.getLong(FIELDS + 8),
                page.getLong(FIELDS + 16),
                page.getLong(FIELDS + 24)))
        : Optional.empty();
  }
}
