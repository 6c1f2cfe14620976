package io.escrowmq.spi.storage.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What caches do by themselves at times that nobody knows, only more often: parts of files go to
 * the disk although nobody asked, and parts of the disk's cache to the medium, in any order; now
 * and then everything. A store that relies on an order must have asked for it.
 */
final class Writeback implements AutoCloseable {

  private static final long PIECE_BYTES = 256 * 1024;
  private static final int LONGEST_PAUSE_MS = 12;

  private final PoweredDisk disk;
  private final Random random;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread thread;

  Writeback(PoweredDisk disk, long seed) {
    this.disk = disk;
    this.random = new Random(seed);
    this.thread = Thread.ofPlatform().daemon().name("writeback").start(this::run);
  }

  private void run() {
    try {
      while (!end.await(random.nextInt(LONGEST_PAUSE_MS), TimeUnit.MILLISECONDS)) {
        try {
          step();
        } catch (IOException e) {
          // A file that was just deleted; or the power is cut, and the end is near.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void step() throws IOException {
    int draw = random.nextInt(100);
    if (draw < 1) {
      SystemCalls.syncFileSystem(disk.root());
    } else if (draw < 40) {
      piece(disk.volume());
    } else {
      anyFile();
    }
  }

  private void anyFile() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(disk.root())) {
      files = all.filter(Files::isRegularFile).toList();
    } catch (java.io.UncheckedIOException e) {
      throw e.getCause();
    }
    if (!files.isEmpty()) {
      piece(files.get(random.nextInt(files.size())));
    }
  }

  private void piece(Path file) throws IOException {
    long from = random.nextLong(Math.max(1, Files.size(file)));
    SystemCalls.writeOut(file, from, 1 + random.nextLong(PIECE_BYTES));
  }

  /** Stops; after a cut or before. */
  @Override
  public void close() {
    end.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
