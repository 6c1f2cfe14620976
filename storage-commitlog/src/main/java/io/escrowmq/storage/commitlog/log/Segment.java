package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.DiskFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One preallocated file of the log. Readers hold a reference while they read, so that deletion can
 * never pull memory away under them. Thread-safe for readers; one writer.
 */
public final class Segment {

  private final Path path;
  private final SegmentHeader header;
  private final DiskFile file;
  private final boolean mappable;
  private final AtomicInteger references = new AtomicInteger(1);
  private volatile @Nullable MemorySegment mapping;
  private volatile @Nullable Arena arena;

  Segment(Path path, SegmentHeader header, DiskFile file, boolean mappable) {
    this.path = path;
    this.header = header;
    this.file = file;
    this.mappable = mappable;
  }

  /** Position of the file's first byte in the log. */
  public long base() {
    return header.base();
  }

  /** Position after the file's last byte. */
  public long end() {
    return header.base() + header.capacity();
  }

  /** Position of the first frame. */
  public long firstFrame() {
    return header.base() + SegmentHeader.BYTES;
  }

  /** Where the file is. */
  public Path path() {
    return path;
  }

  /** When it was created, milliseconds since the epoch. */
  public long createdMs() {
    return header.createdMs();
  }

  /** Takes a reference; false if the segment is gone. */
  boolean acquire() {
    int count;
    do {
      count = references.get();
      if (count == 0) {
        return false;
      }
    } while (!references.compareAndSet(count, count + 1));
    return true;
  }

  /** Gives a reference back; the last one closes the file. */
  void release() {
    if (references.decrementAndGet() == 0) {
      closeFiles();
    }
  }

  /** Writes at a log position. The writer's thread only. */
  void write(ByteBuffer source, long position) throws IOException {
    file.write(source, position - base());
  }

  /** Makes everything written durable. */
  void force() throws IOException {
    file.force();
  }

  /** Reads exactly the wanted bytes. The caller holds a reference. */
  void read(long position, byte[] target, int at, int length) throws IOException {
    MemorySegment mapped = mappable ? mapping() : null;
    if (mapped != null) {
      MemorySegment.copy(mapped, ValueLayout.JAVA_BYTE, position - base(), target, at, length);
    } else {
      readFully(ByteBuffer.wrap(target, at, length), position);
    }
  }

  /** Reads as many bytes as the buffer has room for through the file, not through a mapping. */
  void readFully(ByteBuffer target, long position) throws IOException {
    long at = position - base();
    while (target.hasRemaining()) {
      int count = file.read(target, at);
      if (count < 0) {
        throw new EOFException(path + " ends at " + at + ", it should have " + header.capacity());
      }
      at += count;
    }
  }

  private MemorySegment mapping() throws IOException {
    MemorySegment mapped = mapping;
    return mapped != null ? mapped : map();
  }

  private synchronized MemorySegment map() throws IOException {
    MemorySegment mapped = mapping;
    if (mapped == null) {
      Arena owner = Arena.ofShared();
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, header.capacity(), owner);
      } catch (IOException e) {
        owner.close();
        throw e;
      }
      arena = owner;
      mapping = mapped;
    }
    return mapped;
  }

  private synchronized void closeFiles() {
    Arena owner = arena;
    if (owner != null) {
      mapping = null;
      arena = null;
      owner.close();
    }
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing " + path, e);
    }
  }
}
