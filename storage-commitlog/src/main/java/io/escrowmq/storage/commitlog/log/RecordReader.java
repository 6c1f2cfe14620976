package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads single records and verifies them on every read. Thread-safe. May block for I/O; a page
 * fault on a cold segment blocks the carrier of a virtual thread.
 */
public final class RecordReader {

  private final Segments segments;

  public RecordReader(Segments segments) {
    this.segments = segments;
  }

  /** What a record at an address is. */
  public sealed interface Found {

    /** An appended message, with the stamps it has on disk. */
    record Appended(Message message) implements Found {}

    /** A release that gave this queue offset. */
    record Released(long queueUid, long queueOffset) implements Found {}
  }

  /**
   * The message of a record, as a writable buffer of its own that starts with the message.
   *
   * @param offset of the message in the record
   * @return empty if the segment was deleted
   * @throws StorageException.Corrupt if the checksum does not match
   */
  public Optional<ByteBuffer> message(long position, int offset, int size) {
    int length = offset + size;
    byte[] record = new byte[length];
    if (!read(position, record, length)) {
      return Optional.empty();
    }
    ByteBuffer view = ByteBuffer.wrap(record);
    if (FrameDecoder.validRecord(view, 0, 0, length) != length) {
      throw damaged(position, length);
    }
    return Optional.of(view.slice(offset, size));
  }

  /** What lies at an address, if it is the address of a message. Any number is allowed. */
  public Optional<Found> at(long position) {
    byte[] header = new byte[FrameLayout.RECORD_FIELDS];
    if (position <= 0 || position % Long.BYTES != 0 || !read(position, header, header.length)) {
      return Optional.empty();
    }
    int length = ByteBuffer.wrap(header).getInt(FrameLayout.RECORD_LENGTH);
    if (length < FrameLayout.RECORD_FIELDS || length > FrameLayout.MAX_FRAME_BYTES) {
      return Optional.empty();
    }
    byte[] record = new byte[length];
    if (!read(position, record, length)) {
      return Optional.empty();
    }
    ByteBuffer view = ByteBuffer.wrap(record);
    if (FrameDecoder.validRecord(view, 0, 0, length) != length) {
      return Optional.empty();
    }
    return found(view, length);
  }

  private static Optional<Found> found(ByteBuffer record, int length) {
    RecordType type = RecordType.ofCode(record.get(FrameLayout.RECORD_TYPE));
    int fields = FrameLayout.RECORD_FIELDS;
    if (type.isAppend()) {
      int offset = type.fixedBytes();
      return Optional.of(new Found.Appended(Message.wrap(record.slice(offset, length - offset))));
    }
    if (type == RecordType.RELEASE) {
      return Optional.of(
          new Found.Released(
              record.getLong(fields + 2 * Long.BYTES), record.getLong(fields + 3 * Long.BYTES)));
    }
    return Optional.empty();
  }

  private boolean read(long position, byte[] target, int length) {
    try {
      return segments.read(position, target, 0, length);
    } catch (IOException | InternalError e) {
      throw new StorageException.Unavailable(
          StorageException.Kind.RETRIABLE,
          "cannot read " + length + " bytes at log position " + position + ": " + e.getMessage(),
          "Check the device that holds the data directory.",
          e);
    }
  }

  private static StorageException.Corrupt damaged(long position, int length) {
    return new StorageException.Corrupt(
        "the record at log positions "
            + position
            + " to "
            + (position + length)
            + " does not match its checksum");
  }
}
