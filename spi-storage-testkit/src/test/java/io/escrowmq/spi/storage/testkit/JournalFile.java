package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.DiskFile;
import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Frames in one file: length, checksum, how far the journal was synced when the frame was written,
 * content. The mark file beside it says how far it was synced when it was last closed. Below what
 * the mark or any frame says, everything is acknowledged; above it, a power cut may have kept a
 * later frame and lost an earlier one.
 */
final class JournalFile implements AutoCloseable {

  static final int HEADER = 16;

  private final DiskFile file;
  private final DiskFile mark;
  private final JournalDefect defect;
  private final Path path;

  /** Read by verification while the writer goes on. */
  private volatile long end;

  private long synced;

  JournalFile(Path directory, Disk disk, JournalDefect defect) throws IOException {
    this.path = directory.resolve("journal");
    this.defect = defect;
    this.file = disk.open(path);
    this.mark = disk.open(directory.resolve("mark"));
    disk.forceDirectory(directory);
  }

  /** Reads every frame, and cuts what a crash left at the end. */
  List<byte[]> recover() throws IOException {
    byte[] all = readAll(file);
    List<byte[]> frames = new ArrayList<>();
    int at = 0;
    while (isFrame(all, at)) {
      int length = ByteBuffer.wrap(all).getInt(at);
      byte[] content = new byte[length];
      System.arraycopy(all, at + HEADER, content, 0, length);
      frames.add(content);
      at += HEADER + length;
    }
    boolean torn = at < all.length && hasContent(all, at);
    if (torn && defect == JournalDefect.REFUSES_TORN_TAIL) {
      throw new StorageException.Corrupt(path + " is damaged at " + at);
    }
    if (defect != JournalDefect.CUTS_CORRUPTION) {
      refuseIfAcknowledged(all, at);
    }
    if (torn) {
      file.write(ByteBuffer.allocate(all.length - at), at);
    }
    end = at;
    file.force();
    synced = end;
    return frames;
  }

  /** Appends a frame; not durable before {@link #force()}. */
  void append(byte[] content) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(HEADER + content.length);
    frame.putInt(content.length).putInt(checksum(end, synced, content)).putLong(synced);
    frame.put(content).flip();
    file.write(frame, end);
    end = end + HEADER + content.length;
  }

  void force() throws IOException {
    file.force();
    synced = end;
  }

  /** Compares every checksum again. */
  int verify() throws IOException {
    long written = end;
    byte[] all = readAll(file);
    int frames = 0;
    int at = 0;
    while (at < written) {
      if (!isFrame(all, at)) {
        throw new StorageException.Corrupt(path + " is damaged at " + at);
      }
      at += HEADER + ByteBuffer.wrap(all).getInt(at);
      frames++;
    }
    return frames;
  }

  long sizeBytes() {
    return end;
  }

  /** Remembers that everything so far is acknowledged. */
  void closeCleanly() throws IOException {
    mark.write(ByteBuffer.allocate(Long.BYTES).putLong(end).flip(), 0);
    mark.force();
  }

  @Override
  public void close() throws IOException {
    file.close();
    mark.close();
  }

  private void refuseIfAcknowledged(byte[] all, int at) throws IOException {
    byte[] marked = readAll(mark);
    long acknowledged = marked.length < Long.BYTES ? 0 : ByteBuffer.wrap(marked).getLong();
    if (at < acknowledged) {
      throw new StorageException.Corrupt(
          path + " is damaged at " + at + ", but was synced up to " + acknowledged);
    }
    for (int later = at + 1; later < all.length; later++) {
      if (all[later] == 0 && isFrame(all, later) && syncedBefore(all, later) > at) {
        throw new StorageException.Corrupt(
            path + " is damaged at " + at + ", but was synced before " + later);
      }
    }
  }

  private boolean isFrame(byte[] all, int at) {
    if (at + HEADER > all.length) {
      return false;
    }
    int length = ByteBuffer.wrap(all).getInt(at);
    if (length < Long.BYTES + Integer.BYTES || length > all.length - at - HEADER) {
      return false;
    }
    if (defect == JournalDefect.IGNORES_CHECKSUMS) {
      return true;
    }
    byte[] content = new byte[length];
    System.arraycopy(all, at + HEADER, content, 0, length);
    return ByteBuffer.wrap(all).getInt(at + 4) == checksum(at, syncedBefore(all, at), content);
  }

  private static boolean hasContent(byte[] all, int from) {
    for (int i = from; i < all.length; i++) {
      if (all[i] != 0) {
        return true;
      }
    }
    return false;
  }

  private static long syncedBefore(byte[] all, int frame) {
    return ByteBuffer.wrap(all).getLong(frame + 8);
  }

  private static int checksum(long position, long synced, byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(
        ByteBuffer.allocate(20).putLong(position).putLong(synced).putInt(content.length).flip());
    crc.update(content);
    return (int) crc.getValue();
  }

  private static byte[] readAll(DiskFile file) throws IOException {
    ByteBuffer content = ByteBuffer.allocate((int) file.size());
    while (content.hasRemaining()) {
      if (file.read(content, content.position()) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
    return content.array();
  }
}
