package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** What one file would have after a power cut, where that differs from what was written. */
final class UnsyncedSectors {

  private final int sectorBytes;
  private final Map<Long, byte[]> durable = new HashMap<>();
  private final Map<Long, byte[]> doomed = new HashMap<>();
  private long durableSize;

  UnsyncedSectors(int sectorBytes, long durableSize) {
    this.sectorBytes = sectorBytes;
    this.durableSize = durableSize;
  }

  /** Keeps the durable content of the sectors that are about to be written. */
  void remember(DiskFile file, long position, int length) throws IOException {
    if (length == 0) {
      return;
    }
    long last = (position + length - 1) / sectorBytes;
    for (long sector = position / sectorBytes; sector <= last; sector++) {
      byte[] earlier = doomed.remove(sector);
      if (durable.containsKey(sector)) {
        continue;
      }
      durable.put(sector, earlier != null ? earlier : content(file, sector));
    }
  }

  /** Everything written so far is durable, except what a failed force left behind. */
  void forced(long size) {
    durable.clear();
    durableSize = size;
  }

  /** The kernel believes these sectors to be clean: no later force will write them. */
  void markedCleanByFailure() {
    durable.forEach(doomed::putIfAbsent);
    durable.clear();
  }

  /** Takes back what does not survive. */
  void lose(Path path, Random random, double survival) throws IOException {
    markedCleanByFailure();
    try (DiskFile file = Disk.real().open(path)) {
      long writtenSize = file.size();
      long size = durableSize;
      for (Map.Entry<Long, byte[]> sector : doomed.entrySet()) {
        long position = sector.getKey() * sectorBytes;
        if (random.nextDouble() < survival) {
          size = Math.max(size, Math.min(writtenSize, position + sectorBytes));
        } else {
          byte[] lost = new byte[(int) Math.min(sectorBytes, writtenSize - position)];
          byte[] kept = sector.getValue();
          System.arraycopy(kept, 0, lost, 0, Math.min(kept.length, lost.length));
          file.write(ByteBuffer.wrap(lost), position);
        }
      }
      truncate(path, size);
    }
    doomed.clear();
  }

  /** Up to a sector of content; shorter, or nothing, beyond the durable end. */
  private byte[] content(DiskFile file, long sector) throws IOException {
    long position = sector * sectorBytes;
    long inside = Math.min(durableSize, file.size()) - position;
    ByteBuffer content = ByteBuffer.allocate(Math.clamp(inside, 0, sectorBytes));
    while (content.hasRemaining() && file.read(content, position + content.position()) >= 0) {
      // A read may be short; the loop ends at the end of the file at the latest.
    }
    return content.array();
  }

  private static void truncate(Path path, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }
}
