package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.MessageFormat;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Checksums of records. Stateless. */
final class Records {

  private Records() {}

  /**
   * The checksum that belongs into a record. Fields that the sequencer stamps later are left out:
   * recovery compares them with what they must be.
   *
   * @param view a view of the buffer whose position and limit this may change
   */
  static int crc(ByteBuffer view, int recordAt, int length, RecordType type) {
    CRC32C crc = new CRC32C();
    int end = recordAt + length;
    int from = recordAt + FrameLayout.RECORD_LENGTH;
    if (type.isAppend()) {
      int message = recordAt + type.fixedBytes();
      int offsetAt = message + MessageFormat.QUEUE_OFFSET;
      update(crc, view, from, offsetAt);
      from = offsetAt + 2 * Long.BYTES;
      if (type == RecordType.APPEND) {
        int flags = view.getInt(message + MessageFormat.SYSTEM_FLAG);
        int timeAt = message + MessageFormat.storeTimeAt(flags);
        update(crc, view, from, timeAt);
        from = timeAt + Long.BYTES;
      }
    }
    update(crc, view, from, end);
    return (int) crc.getValue();
  }

  /** The checksum of a range. */
  static int crc(ByteBuffer view, int from, int to) {
    CRC32C crc = new CRC32C();
    update(crc, view, from, to);
    return (int) crc.getValue();
  }

  private static void update(CRC32C crc, ByteBuffer view, int from, int to) {
    view.limit(to).position(from);
    crc.update(view);
    view.limit(view.capacity());
  }
}
