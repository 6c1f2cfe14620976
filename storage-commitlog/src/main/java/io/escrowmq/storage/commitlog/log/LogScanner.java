package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads frames back in order, verifying each. Reads files in large pieces. Not thread-safe. */
public final class LogScanner {

  private static final int CHUNK_BYTES = 4 * 1024 * 1024;

  /** Hears each good frame; its bytes start at the offset while the call lasts. */
  @FunctionalInterface
  public interface FrameHandler {
    void frame(Frame frame);
  }

  private final Segments segments;
  private ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private long bufferFrom;
  private int bufferLength;
  private long position;

  /** A scanner that begins at the position, which must be the start of a frame or the log's end. */
  public LogScanner(Segments segments, long from) {
    this.segments = segments;
    this.position = from;
  }

  /** Where the scan stands: the end of the last good frame. */
  public long position() {
    return position;
  }

  /**
   * Hands over frames until one ends at or after the limit, or until there is no good frame.
   *
   * @return false if it stopped before the limit
   */
  public boolean scan(long limit, FrameHandler handler) throws IOException {
    while (position < limit) {
      Optional<Segment> segment = segments.at(position);
      if (segment.isEmpty()) {
        return false;
      }
      if (position == segment.get().base()) {
        position = segment.get().firstFrame();
        continue;
      }
      Optional<Frame> frame = frameAt(segment.get(), position);
      if (frame.isEmpty()) {
        return false;
      }
      handler.frame(frame.get());
      position = frame.get().end();
    }
    return true;
  }

  /**
   * What lies beyond the last good frame, up to the end of the files.
   *
   * @param damaged false if there are only zeros
   * @param provenDurable highest position that a later valid frame says was durable
   */
  public record Remainder(boolean damaged, long provenDurable) {}

  /** Looks at everything after the last good frame. */
  public Remainder remainder() throws IOException {
    boolean damaged = false;
    long proven = 0;
    for (Segment segment : segments.all()) {
      if (segment.end() <= position) {
        continue;
      }
      long at = Math.max(position, segment.firstFrame());
      while (at < segment.end()) {
        load(segment, at, (int) Math.min(CHUNK_BYTES, segment.end() - at));
        for (int i = 0; i < bufferLength; i += FrameLayout.ALIGNMENT) {
          if (!isZero(i)) {
            damaged = true;
            proven = Math.max(proven, provenBy(segment, bufferFrom + i, i));
          }
        }
        at = bufferFrom + bufferLength;
      }
    }
    return new Remainder(damaged, proven);
  }

  /** Overwrites whatever is not zero after the last good frame, durably. */
  public void cut() throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK_BYTES);
    for (Segment segment : segments.all()) {
      long at = Math.max(position, segment.firstFrame());
      while (at < segment.end()) {
        load(segment, at, (int) Math.min(CHUNK_BYTES, segment.end() - at));
        if (!isZero()) {
          zeros.clear().limit(bufferLength);
          segment.write(zeros, at);
        }
        at += bufferLength;
      }
      if (segment.end() > position) {
        segment.force();
      }
    }
    bufferLength = 0;
  }

  /**
   * Writes the frames from a position to the last good one again, as they are, and syncs them: what
   * was read back may exist in memory only, and after a failed sync the system may think it clean.
   */
  public void rewrite(long from) throws IOException {
    for (Segment segment : segments.all()) {
      long at = Math.max(from, segment.firstFrame());
      long end = Math.min(position, segment.end());
      boolean touched = at < end;
      while (at < end) {
        load(segment, at, (int) Math.min(CHUNK_BYTES, end - at));
        segment.write(buffer.duplicate().clear().limit(bufferLength), at);
        at += bufferLength;
      }
      if (touched) {
        segment.force();
      }
    }
  }

  /** The damage at the scan's position, as an error that names it. */
  public StorageException.Corrupt damage() {
    String file = segments.at(position).map(found -> found.path().toString()).orElse("the log");
    long base = segments.at(position).map(Segment::base).orElse(0L);
    return new StorageException.Corrupt(
        file
            + " is damaged at byte "
            + (position - base)
            + " (log position "
            + position
            + "), in data that was acknowledged");
  }

  private Optional<Frame> frameAt(Segment segment, long at) throws IOException {
    int header = (int) Math.min(FrameLayout.ALIGNMENT, segment.end() - at);
    int index = ensure(segment, at, header);
    int length = FrameDecoder.claimedLength(buffer, index, at, segments.storeId());
    if (length < 0 || length > segment.end() - at) {
      return Optional.empty();
    }
    if (FrameDecoder.isPad(buffer, index)) {
      return FrameDecoder.headerValid(buffer, index, FrameLayout.ALIGNMENT)
          ? FrameDecoder.decode(buffer, index, length)
          : Optional.empty();
    }
    index = ensure(segment, at, length);
    return FrameDecoder.headerValid(buffer, index, length)
        ? FrameDecoder.decode(buffer, index, length)
        : Optional.empty();
  }

  /** Makes the bytes available and says where they are in the buffer. */
  private int ensure(Segment segment, long at, int length) throws IOException {
    boolean loaded = at >= bufferFrom && at + length <= bufferFrom + bufferLength;
    if (!loaded) {
      load(segment, at, (int) Math.min(Math.max(CHUNK_BYTES, length), segment.end() - at));
    }
    return (int) (at - bufferFrom);
  }

  private void load(Segment segment, long at, int length) throws IOException {
    if (buffer.capacity() < length) {
      buffer = ByteBuffer.allocateDirect(length);
    }
    buffer.clear().limit(length);
    segment.readFully(buffer, at);
    buffer.clear();
    bufferFrom = at;
    bufferLength = length;
  }

  private boolean isZero() {
    for (int i = 0; i < bufferLength; i += FrameLayout.ALIGNMENT) {
      if (!isZero(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean isZero(int index) {
    for (int i = index; i < index + FrameLayout.ALIGNMENT; i += Long.BYTES) {
      if (buffer.getLong(i) != 0) {
        return false;
      }
    }
    return true;
  }

  private long provenBy(Segment segment, long at, int index) {
    int length = FrameDecoder.claimedLength(buffer, index, at, segments.storeId());
    boolean inside = length > 0 && length <= segment.end() - at;
    int available = bufferLength - index;
    return inside && FrameDecoder.headerValid(buffer, index, available)
        ? FrameDecoder.durable(buffer, index)
        : 0;
  }

  /** The first frame at or after a segment's start, or null if it has none. */
  public static @Nullable Frame firstFrame(Segments segments, Segment segment) throws IOException {
    if (!segment.acquire()) {
      return null;
    }
    try {
      LogScanner scanner = new LogScanner(segments, segment.firstFrame());
      return scanner.frameAt(segment, segment.firstFrame()).orElse(null);
    } finally {
      segment.release();
    }
  }
}
