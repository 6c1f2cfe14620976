package io.escrowmq.rocksdb.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Damage that the library would read for ever. Since 9.x its log reader answers a record of a
 * recycled log, in a log that is not one, without stepping over it (facebook/rocksdb issue 13333),
 * so that opening never returns. One flipped bit or a torn tail is enough, and no store here has
 * such records. Before the library sees it, the type of such a record becomes one that nobody uses:
 * then its checksum is wrong, which the library handles like any other damage.
 *
 * <p>The format of its logs, from its page "Write Ahead Log File Format": blocks of 32 KiB; records
 * of a masked CRC32C (4 bytes, of type and payload), a length (2), a type (1) and the payload, all
 * little endian; no record crosses a block, and fewer than 7 bytes at a block's end are unused.
 * Manifests have the same format.
 */
public final class EndlessRecords {

  private static final Logger LOG = LoggerFactory.getLogger(EndlessRecords.class);
  private static final int BLOCK_BYTES = 32 * 1024;
  private static final int HEADER_BYTES = 7;
  private static final int TYPE_AT = 6;
  private static final int CHECKSUM_MASK = 0xa282ead8;

  /** Whole, first, middle, last; sizes of timestamps; the log before this one. */
  private static final Set<Integer> RECYCLED_TYPES = Set.of(5, 6, 7, 8, 11, 131);

  private static final byte NO_TYPE = 127;

  private final Path directory;

  /** The type byte of a record that would be read for ever. */
  public record Found(Path file, long position, int type) {}

  public EndlessRecords(Path directory) {
    this.directory = directory;
  }

  /** Makes every such record an ordinarily damaged one. Does nothing if the store is in use. */
  public void defuse() throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    List<Found> found = find();
    if (found.isEmpty()) {
      return;
    }
    // Only now: closing this file would end the lock of a database that this process has open.
    Path lockFile = directory.resolve("LOCK");
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        return;
      }
      for (Found record : found) {
        overwrite(record);
      }
    }
  }

  /** Every such record that the library would come to. */
  public List<Found> find() throws IOException {
    List<Found> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(EndlessRecords::isLog).sorted().toList()) {
        scan(file, found);
      }
    }
    return found;
  }

  private static boolean isLog(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".log") || name.startsWith("MANIFEST-");
  }

  private static void scan(Path file, List<Found> found) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long start = 0; start < channel.size(); start += BLOCK_BYTES) {
        block.clear();
        while (block.hasRemaining() && channel.read(block, start + block.position()) > 0) {
          // Reads until the block or the file ends.
        }
        block.flip();
        int at = endlessIn(block);
        if (at >= 0) {
          int type = Byte.toUnsignedInt(block.get(at + TYPE_AT));
          found.add(new Found(file, start + at + TYPE_AT, type));
        }
      }
    }
  }

  /** Where the first such record of the block begins, or -1. Damage ends a block. */
  private static int endlessIn(ByteBuffer block) {
    int at = 0;
    while (block.limit() - at >= HEADER_BYTES) {
      int type = Byte.toUnsignedInt(block.get(at + TYPE_AT));
      if (RECYCLED_TYPES.contains(type)) {
        return at;
      }
      int length = Short.toUnsignedInt(block.getShort(at + Integer.BYTES));
      int end = at + HEADER_BYTES + length;
      boolean isEmpty = type == 0 && length == 0;
      if (isEmpty
          || end > block.limit()
          || block.getInt(at) != checksum(block, at + TYPE_AT, end)) {
        return -1;
      }
      at = end;
    }
    return -1;
  }

  private static int checksum(ByteBuffer block, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(block.slice(from, to - from));
    return Integer.rotateRight((int) crc.getValue(), 15) + CHECKSUM_MASK;
  }

  private static void overwrite(Found record) throws IOException {
    LOG.warn(
        "{} is damaged: byte {} was {} and is {} now, or RocksDB would read it for ever",
        record.file(),
        record.position(),
        record.type(),
        NO_TYPE);
    try (FileChannel channel = FileChannel.open(record.file(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {NO_TYPE}), record.position());
      channel.force(false);
    }
  }
}
