package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A hint beside the log: everything before this position was synced. Written after each sync
 * without a sync of its own, so it is exact after a killed process and merely old after a power
 * cut. It lets recovery tell damage to acknowledged data from a torn tail.
 *
 * <pre>0 store id  8 position  16 CRC32C of bytes 0 to 16</pre>
 */
public final class DurableMark implements AutoCloseable {

  private static final int BYTES = 24;
  private static final int CRC = 16;

  private final DiskFile file;
  private final long storeId;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);

  public DurableMark(Disk disk, Path path, long storeId) throws IOException {
    this.file = disk.open(path);
    this.storeId = storeId;
  }

  /** The last position written, or 0 if there is none that can be trusted. */
  public long read() throws IOException {
    ByteBuffer read = ByteBuffer.allocate(BYTES);
    while (read.hasRemaining() && file.read(read, read.position()) > 0) {
      // A read may give less than was asked for.
    }
    boolean valid =
        !read.hasRemaining()
            && read.getLong(0) == storeId
            && read.getInt(CRC) == Records.crc(read.duplicate().clear(), 0, CRC);
    return valid ? read.getLong(8) : 0;
  }

  void write(long position) throws IOException {
    buffer.clear();
    buffer.putLong(0, storeId).putLong(8, position);
    buffer.putInt(CRC, Records.crc(buffer, 0, CRC));
    buffer.putInt(CRC + 4, 0);
    buffer.clear();
    file.write(buffer, 0);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
