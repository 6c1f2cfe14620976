package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.DiskFile;
import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The segment files of a log, in position order without gaps. Thread-safe. */
public final class Segments implements AutoCloseable {

  private static final String SUFFIX = ".seg";
  private static final int ZERO_CHUNK_BYTES = 1024 * 1024;
  private static final int CHUNKS_PER_FORCE = 8;

  private final Disk disk;
  private final Path directory;
  private final ConcurrentSkipListMap<Long, Segment> byBase = new ConcurrentSkipListMap<>();
  private long storeId;

  private Segments(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  /**
   * Opens the files in the directory.
   *
   * @throws StorageException.Corrupt if a file is missing, too short or has a damaged header
   */
  public static Segments open(Disk disk, Path directory) throws IOException {
    Files.createDirectories(directory);
    Segments segments = new Segments(disk, directory);
    try {
      segments.openFiles();
    } catch (IOException | RuntimeException e) {
      segments.close();
      throw e;
    }
    return segments;
  }

  /** Random number of this store, in every segment and frame. */
  public long storeId() {
    return storeId;
  }

  /** True if there is no segment yet. */
  public boolean isEmpty() {
    return byBase.isEmpty();
  }

  /** All segments in position order. */
  public Collection<Segment> all() {
    return byBase.values();
  }

  /** The segment with the lowest positions. */
  public Segment first() {
    return present(byBase.firstEntry(), 0);
  }

  /** The segment with the highest positions. */
  public Segment last() {
    return present(byBase.lastEntry(), 0);
  }

  /** The segment that holds the position, if it still exists. */
  public Optional<Segment> at(long position) {
    Map.Entry<Long, Segment> entry = byBase.floorEntry(position);
    return entry == null || position >= entry.getValue().end()
        ? Optional.empty()
        : Optional.of(entry.getValue());
  }

  /**
   * Reads bytes of the log.
   *
   * @return false if the segment was deleted
   */
  public boolean read(long position, byte[] target, int at, int length) throws IOException {
    Map.Entry<Long, Segment> entry = byBase.floorEntry(position);
    if (entry == null
        || position + length > entry.getValue().end()
        || !entry.getValue().acquire()) {
      return false;
    }
    try {
      entry.getValue().read(position, target, at, length);
      return true;
    } finally {
      entry.getValue().release();
    }
  }

  /** Creates a segment file full of zeros, durable with its directory entry, but not yet listed. */
  Segment create(long base, long capacity, long nowMs) throws IOException {
    Path path = pathOf(base);
    SegmentHeader header = new SegmentHeader(storeId, base, capacity, nowMs);
    DiskFile file = disk.open(path);
    try {
      ByteBuffer zeros = ByteBuffer.allocateDirect(ZERO_CHUNK_BYTES);
      int chunks = 0;
      for (long at = 0; at < capacity; at += ZERO_CHUNK_BYTES) {
        zeros.clear().limit((int) Math.min(ZERO_CHUNK_BYTES, capacity - at));
        file.write(zeros, at);
        if (++chunks % CHUNKS_PER_FORCE == 0) {
          file.force();
        }
      }
      file.force();
      file.write(header.encode(), 0);
      file.force();
      disk.forceDirectory(directory);
      return new Segment(path, header, file, mappable());
    } catch (IOException e) {
      try {
        file.close();
        Files.deleteIfExists(path);
      } catch (IOException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  /** Lists a created segment, which must continue the last one. */
  public void add(Segment segment) {
    if (!byBase.isEmpty() && last().end() != segment.base()) {
      throw new IllegalStateException(
          "segment " + segment.path() + " does not continue " + last().path());
    }
    byBase.put(segment.base(), segment);
  }

  /** Deletes a segment; reads under way finish first. */
  public void delete(Segment segment) throws IOException {
    byBase.remove(segment.base());
    segment.release();
    Files.deleteIfExists(segment.path());
    disk.forceDirectory(directory);
  }

  /** Deletes the file of a segment that was created but never listed. */
  void discard(Segment segment) throws IOException {
    segment.release();
    Files.deleteIfExists(segment.path());
  }

  /** Closes every file. */
  @Override
  public void close() {
    for (Segment segment : byBase.values()) {
      segment.release();
    }
    byBase.clear();
  }

  private void openFiles() throws IOException {
    List<Path> files = listFiles();
    for (int i = 0; i < files.size(); i++) {
      Path path = files.get(i);
      boolean last = i == files.size() - 1;
      DiskFile file = disk.open(path);
      SegmentHeader header = readHeader(path, file);
      if (header != null) {
        list(path, header, file);
      } else if (last && !holdsFrames(file)) {
        file.close();
        Files.delete(path);
      } else {
        file.close();
        throw new StorageException.Corrupt("the header of segment " + path + " is damaged");
      }
    }
    if (byBase.isEmpty()) {
      storeId = StoreRandomness.freshStoreId();
    }
  }

  private void list(Path path, SegmentHeader header, DiskFile file) throws IOException {
    if (byBase.isEmpty()) {
      storeId = header.storeId();
    }
    Segment segment = new Segment(path, header, file, mappable());
    boolean continues = byBase.isEmpty() || last().end() == header.base();
    long size = file.size();
    boolean whole = size >= header.capacity();
    boolean named = path.equals(pathOf(header.base())) && header.storeId() == storeId;
    if (continues && whole && named) {
      byBase.put(header.base(), segment);
      return;
    }
    segment.release();
    if (!named) {
      throw new StorageException.Corrupt(
          "segment " + path + " belongs to another store or was renamed");
    }
    throw new StorageException.Corrupt(
        continues
            ? "segment " + path + " has " + size + " of " + header.capacity() + " bytes"
            : "the segment before " + path + " is missing or too short");
  }

  private static @Nullable SegmentHeader readHeader(Path path, DiskFile file) throws IOException {
    ByteBuffer page = ByteBuffer.allocate(SegmentHeader.BYTES);
    fill(file, page, 0);
    boolean named = path.getFileName().toString().length() == 20 + SUFFIX.length();
    return named ? SegmentHeader.decode(page.flip()).orElse(null) : null;
  }

  /** True if something in the file begins like a frame: then a damaged header is no accident. */
  private static boolean holdsFrames(DiskFile file) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(ZERO_CHUNK_BYTES);
    long at = SegmentHeader.BYTES;
    fill(file, chunk, at);
    while (chunk.position() > 0) {
      chunk.flip();
      for (int i = 0; i + Integer.BYTES <= chunk.limit(); i += FrameLayout.ALIGNMENT) {
        if (chunk.getInt(i) == FrameLayout.MAGIC) {
          return true;
        }
      }
      at += chunk.limit();
      fill(file, chunk.clear(), at);
    }
    return false;
  }

  /** Reads until the buffer is full or the file ends. */
  private static void fill(DiskFile file, ByteBuffer target, long position) throws IOException {
    long at = position;
    int count = file.read(target, at);
    while (count > 0 && target.hasRemaining()) {
      at += count;
      count = file.read(target, at);
    }
  }

  private List<Path> listFiles() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return new ArrayList<>(
          files.filter(path -> path.toString().endsWith(SUFFIX)).sorted().toList());
    }
  }

  private Path pathOf(long base) {
    return directory.resolve(String.format("%020d", base) + SUFFIX);
  }

  /** Mapping bypasses the disk of a test, so only real files are mapped. */
  private boolean mappable() {
    return disk.equals(Disk.real());
  }

  private static Segment present(Map.@Nullable Entry<Long, Segment> entry, long position) {
    if (entry == null) {
      throw new NoSuchElementException("the log has no segment at " + position);
    }
    return entry.getValue();
  }
}
