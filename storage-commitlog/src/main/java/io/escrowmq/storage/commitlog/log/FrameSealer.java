package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.MessageFormat;
import java.nio.ByteBuffer;

/** Writes into a frame what the sequencer decided. Used by the sequencer's thread only. */
public final class FrameSealer {

  private final ByteBuffer frame;
  private final long storeId;

  /**
   * A sealer.
   *
   * @param frame a view of the memory that holds the frames, for this sealer alone
   * @param storeId marks every frame as belonging to this store
   */
  public FrameSealer(ByteBuffer frame, long storeId) {
    this.frame = frame;
    this.storeId = storeId;
  }

  /** A sealer of the same store for frames in other memory. */
  public FrameSealer over(ByteBuffer otherMemory) {
    return new FrameSealer(otherMemory, storeId);
  }

  /** The decision about one record. */
  public void decide(int frameAt, int index, int outcomeCode, long queueOffset) {
    frame.putLong(
        frameAt + FrameLayout.DECISIONS + index * FrameLayout.DECISION_BYTES,
        FrameLayout.decision(outcomeCode, queueOffset));
  }

  /** Stamps an appended message. */
  public void stampAppend(int recordAt, long queueOffset, long position, long storeTimeMs) {
    int message = recordAt + RecordType.APPEND.fixedBytes();
    int flags = frame.getInt(message + MessageFormat.SYSTEM_FLAG);
    frame.putLong(message + MessageFormat.QUEUE_OFFSET, queueOffset);
    frame.putLong(message + MessageFormat.QUEUE_OFFSET + Long.BYTES, position);
    frame.putLong(message + MessageFormat.storeTimeAt(flags), storeTimeMs);
  }

  /** Stamps a message that keeps its store time. */
  public void stampRestored(int recordAt, long queueOffset, long position) {
    int message = recordAt + RecordType.RESTORED.fixedBytes();
    frame.putLong(message + MessageFormat.QUEUE_OFFSET, queueOffset);
    frame.putLong(message + MessageFormat.QUEUE_OFFSET + Long.BYTES, position);
  }

  /** Stamps a release, whether it took effect or not, and seals it. */
  public void stampRelease(int recordAt, long queueUid, long queueOffset) {
    int fields = recordAt + FrameLayout.RECORD_FIELDS;
    frame.putLong(fields + 2 * Long.BYTES, queueUid);
    frame.putLong(fields + 3 * Long.BYTES, queueOffset);
    frame.putInt(
        recordAt + FrameLayout.RECORD_CRC,
        Records.crc(frame, recordAt, RecordType.RELEASE.fixedBytes(), RecordType.RELEASE));
  }

  /** Completes a frame: after this it is ready for the disk. */
  public void seal(int frameAt, int records, long position, long storeTimeMs, long durable) {
    frame.putLong(frameAt + FrameLayout.POSITION, position);
    frame.putLong(frameAt + FrameLayout.STORE_TIME, storeTimeMs);
    frame.putLong(frameAt + FrameLayout.DURABLE, durable);
    frame.putLong(frameAt + FrameLayout.STORE_ID, storeId);
    int crc =
        Records.crc(frame, frameAt + FrameLayout.LENGTH, frameAt + FrameLayout.recordsAt(records));
    frame.putInt(frameAt + FrameLayout.CRC, crc);
  }

  /** Writes a frame that means: nothing more in this segment. Only its header is written. */
  public void pad(int frameAt, int lengthBytes, long position, long storeTimeMs) {
    frame.putInt(frameAt, FrameLayout.MAGIC);
    frame.putInt(frameAt + FrameLayout.LENGTH, lengthBytes);
    frame.put(frameAt + FrameLayout.TYPE, (byte) FrameLayout.TYPE_PAD);
    frame.put(frameAt + FrameLayout.TYPE + 1, (byte) 0);
    frame.putShort(frameAt + FrameLayout.COUNT, (short) 0);
    seal(frameAt, 0, position, storeTimeMs, 0);
  }
}
