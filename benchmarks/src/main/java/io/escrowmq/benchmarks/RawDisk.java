package io.escrowmq.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/** What the disk gives to the simplest program: write a block into written space, sync, repeat. */
final class RawDisk {

  private static final int FILE_BYTES = 256 * 1024 * 1024;

  private final Path file;

  RawDisk(Path directory) {
    this.file = directory.resolve("raw-probe");
  }

  /** Writes blocks of the size, with a sync after each or none at all. */
  Measurement measure(int blockBytes, boolean sync, Duration length) throws IOException {
    ByteBuffer block = ByteBuffer.allocateDirect(blockBytes);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      preallocate(channel);
      Histogram latency = new Histogram(3);
      long start = System.nanoTime();
      long end = start + length.toNanos();
      long now = start;
      long position = 0;
      long operations = 0;
      while (now < end) {
        channel.write(block.clear(), position);
        if (sync) {
          channel.force(false);
        }
        position = position + 2L * blockBytes > FILE_BYTES ? 0 : position + blockBytes;
        operations++;
        long after = System.nanoTime();
        latency.recordValue(after - now);
        now = after;
      }
      return new Measurement(operations, operations * blockBytes, now - start, latency);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static void preallocate(FileChannel channel) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(1024 * 1024);
    for (long at = 0; at < FILE_BYTES; at += zeros.capacity()) {
      channel.write(zeros.clear(), at);
    }
    channel.force(true);
  }
}
