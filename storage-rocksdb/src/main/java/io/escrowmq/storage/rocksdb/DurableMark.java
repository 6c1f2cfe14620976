package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A lower bound of what is on the device, beside the database: the sequence number of the last
 * synced group and its checksum, 16 bytes. RocksDB stops replaying its log at the first damage and
 * cannot tell a torn tail from lost data; with this number the engine can. It is written after the
 * sync and never synced itself, so that whatever is read back was true. One thread.
 */
final class DurableMark implements AutoCloseable {

  private static final int BYTES = 2 * Long.BYTES;

  private final Path file;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);

  private DurableMark(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static DurableMark open(Path file) throws IOException {
    return new DurableMark(
        file,
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  /** The number last written, or 0 if none can be read. */
  long read() throws IOException {
    buffer.clear();
    if (channel.read(buffer, 0) != BYTES) {
      return 0;
    }
    long sequence = buffer.getLong(0);
    return buffer.getLong(Long.BYTES) == checksum(sequence) ? sequence : 0;
  }

  /**
   * Compares what was recovered with the mark.
   *
   * @throws StorageException.Corrupt if something acknowledged is missing
   */
  void check(long recoveredSequence) throws IOException {
    long marked = read();
    if (recoveredSequence < marked) {
      throw new StorageException.Corrupt(
          file.getParent()
              + " was recovered up to change "
              + recoveredSequence
              + " only, but change "
              + marked
              + " had been synced: the write-ahead log is damaged");
    }
  }

  /** Everything up to the number is on the device. */
  void advance(long sequence) {
    buffer.clear();
    buffer.putLong(sequence).putLong(checksum(sequence)).flip();
    try {
      channel.write(buffer, 0);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static long checksum(long sequence) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(sequence).flip());
    return crc.getValue() << 32 | 1;
  }
}
