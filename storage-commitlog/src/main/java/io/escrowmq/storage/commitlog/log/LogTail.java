package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Where the next frame goes: hands out positions and moves on to the next segment. Sequencer only.
 */
public final class LogTail {

  private final Segments segments;
  private final SegmentSupply supply;
  private final long segmentBytes;
  private Segment active;
  private long position;

  /**
   * A tail.
   *
   * @param position end of the log
   * @param segmentBytes size that segments grow to
   */
  public LogTail(Segments segments, SegmentSupply supply, long position, long segmentBytes) {
    this.segments = segments;
    this.supply = supply;
    this.segmentBytes = segmentBytes;
    this.active = segments.at(position).orElseGet(segments::last);
    this.position = Math.max(position, active.firstFrame());
  }

  /** The segment of the next frame. */
  public Segment active() {
    return active;
  }

  /** The position of the next frame, once there is room for it. */
  public long position() {
    return position;
  }

  /** True if the frame fits into the active segment. */
  public boolean hasRoom(int frameBytes) {
    return position + frameBytes <= active.end();
  }

  /**
   * Moves to the next segment if it is prepared and big enough; begins to prepare it if not.
   *
   * @param pad hears the header that must be written at the end of the segment left behind
   * @return false if it is not ready yet
   */
  public boolean roll(int frameBytes, long storeTimeMs, PadHandler pad) throws IOException {
    long capacity = capacityFor(frameBytes);
    Segment next = segments.at(active.end()).orElse(null);
    if (next != null && next.end() - next.base() < SegmentHeader.BYTES + (long) frameBytes) {
      segments.delete(next);
      next = null;
    }
    if (next == null) {
      next = supply.take(active.end(), capacity);
      if (next == null) {
        return false;
      }
      segments.add(next);
    }
    if (position < active.end()) {
      pad.pad(active, position, padFrame(storeTimeMs));
    }
    active = next;
    position = next.firstFrame();
    return true;
  }

  /** Hears about the last frame of a segment. */
  @FunctionalInterface
  public interface PadHandler {
    void pad(Segment segment, long position, ByteBuffer frame);
  }

  /** Takes the frame's room. Begins to prepare the next segment when this one is half full. */
  public void advance(int frameBytes) {
    position += frameBytes;
    boolean halfFull = position - active.base() > (active.end() - active.base()) / 2;
    if (halfFull && !supply.isReady() && segments.at(active.end()).isEmpty()) {
      supply.request(active.end(), capacityFor(0));
    }
  }

  /** Why there is no next segment, if preparing it failed. */
  public Optional<StorageException> failure() {
    return supply.failure();
  }

  private long capacityFor(int frameBytes) {
    long grown = Math.min(segmentBytes, 2 * (active.end() - active.base()));
    long needed = SegmentHeader.BYTES + (long) frameBytes;
    return Math.max(grown, (needed + SegmentHeader.BYTES - 1) & -SegmentHeader.BYTES);
  }

  private ByteBuffer padFrame(long storeTimeMs) {
    ByteBuffer frame = ByteBuffer.allocateDirect(FrameLayout.ALIGNMENT);
    FrameSealer sealer = new FrameSealer(frame, segments.storeId());
    sealer.pad(0, (int) (active.end() - position), position, storeTimeMs);
    return frame;
  }
}
