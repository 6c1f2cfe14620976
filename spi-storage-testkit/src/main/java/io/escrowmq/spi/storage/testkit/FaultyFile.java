package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.DiskFile;
import io.escrowmq.spi.storage.testkit.FaultyDisk.Call;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file of a {@link FaultyDisk}. */
final class FaultyFile implements DiskFile {

  private final FaultyDisk disk;
  private final DiskFile real;
  private final UnsyncedSectors unsynced;
  private final int generation;

  FaultyFile(FaultyDisk disk, DiskFile real, UnsyncedSectors unsynced, int generation) {
    this.disk = disk;
    this.real = real;
    this.unsynced = unsynced;
    this.generation = generation;
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    synchronized (disk.lock()) {
      try {
        disk.count(Call.WRITE, generation);
        disk.takeSpace(Math.max(0, position + source.remaining() - real.size()));
      } catch (IOException e) {
        writeSome(source, position);
        throw e;
      }
      unsynced.remember(real, position, source.remaining());
      real.write(source, position);
    }
  }

  /** A failed write may have written any part: here a random beginning. */
  private void writeSome(ByteBuffer source, long position) throws IOException {
    long inside = real.size() - position;
    int most = (int) Math.min(source.remaining(), Math.max(0, inside));
    int length = disk.part(most);
    ByteBuffer beginning = source.slice(source.position(), length);
    unsynced.remember(real, position, length);
    real.write(beginning, position);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    synchronized (disk.lock()) {
      disk.count(Call.READ, generation);
      if (!disk.readsShort() || !target.hasRemaining()) {
        return real.read(target, position);
      }
      int limit = target.limit();
      target.limit(target.position() + disk.part(target.remaining()));
      try {
        return real.read(target, position);
      } finally {
        target.limit(limit);
      }
    }
  }

  @Override
  public void force() throws IOException {
    synchronized (disk.lock()) {
      try {
        disk.count(Call.FORCE, generation);
      } catch (IOException e) {
        unsynced.markedCleanByFailure();
        throw e;
      }
      unsynced.forced(real.size());
    }
  }

  @Override
  public long size() throws IOException {
    synchronized (disk.lock()) {
      return real.size();
    }
  }

  @Override
  public void close() throws IOException {
    real.close();
  }
}
