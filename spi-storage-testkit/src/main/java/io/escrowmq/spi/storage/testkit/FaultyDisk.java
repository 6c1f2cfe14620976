package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.DiskFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A disk that fails on request, over real files, so that an engine may also map what it wrote. It
 * can lose power ({@link #cutPower()}): whatever was not forced survives or not, sector by sector;
 * names whose directory was not forced may vanish. It can fail the n-th write, read or force, run
 * full, and read short. After a failed force the sectors it covered are never made durable by a
 * later force that succeeds, as Linux does it. Everything random comes from the seed. Thread-safe.
 */
public final class FaultyDisk implements Disk {

  /** How long a failure lasts. */
  public enum Repeat {
    ONCE,
    FOREVER
  }

  /** The calls that can be made to fail. */
  public enum Call {
    WRITE,
    READ,
    FORCE
  }

  private final Object lock = new Object();
  private final Random random;
  private final int sectorBytes;
  private final Map<Call, Fault> faults = new HashMap<>();
  private final Map<Call, Long> calls = new HashMap<>();
  private final Map<Path, UnsyncedSectors> unsynced = new HashMap<>();
  private final Set<Path> unsyncedNames = new HashSet<>();
  private final Space space = new Space();
  private boolean shortReads;
  private boolean powered = true;
  private int generation;

  /** A healthy disk. The seed also chooses whether writes tear at 512 bytes or at 4 KiB. */
  public FaultyDisk(long seed) {
    this.random = new Random(seed);
    this.sectorBytes = random.nextBoolean() ? 512 : 4096;
  }

  /** Makes the n-th call from now on fail (1 is the next one), and those after it if asked to. */
  public void fail(Call call, int nth, Repeat repeat) {
    synchronized (lock) {
      faults.put(call, new Fault(calls(call) + nth, repeat));
    }
  }

  /** Ends every failure, gives the space back, and reads in full again. */
  public void heal() {
    synchronized (lock) {
      faults.clear();
      shortReads = false;
      space.reset();
    }
  }

  /** Lets reads return less than was asked for, but at least one byte. */
  public void shortReads(boolean on) {
    synchronized (lock) {
      shortReads = on;
    }
  }

  /** Refuses writes that extend files once this many more bytes were added. */
  public void fullAfter(long bytes) {
    synchronized (lock) {
      space.fullAfter(bytes);
    }
  }

  /** What {@link #usableBytes(Path)} and {@link #totalBytes(Path)} tell. */
  public void report(long usableBytes, long totalBytes) {
    synchronized (lock) {
      space.report(usableBytes, totalBytes);
    }
  }

  /** Number of calls so far. */
  public long calls(Call call) {
    synchronized (lock) {
      return calls.getOrDefault(call, 0L);
    }
  }

  /**
   * Cuts the power: every call fails until {@link #restorePower()}. In between the engine can be
   * closed, so that it no longer maps files that are about to shrink.
   */
  public void cutPower() {
    synchronized (lock) {
      generation++;
      powered = false;
    }
  }

  /**
   * Each unforced sector keeps its new content or goes back to what was last forced, and each name
   * in an unforced directory stays or goes. Files opened before stay dead; new ones can be opened.
   */
  public void restorePower() throws IOException {
    synchronized (lock) {
      double survival = random.nextInt(5) / 4.0;
      for (Map.Entry<Path, UnsyncedSectors> file : unsynced.entrySet()) {
        if (Files.exists(file.getKey())) {
          file.getValue().lose(file.getKey(), random, survival);
        }
      }
      for (Path name : unsyncedNames) {
        if (random.nextDouble() >= survival) {
          Files.deleteIfExists(name);
        }
      }
      unsynced.clear();
      unsyncedNames.clear();
      powered = true;
    }
  }

  /** A power cut as one step, for callers that map nothing. */
  public void crash() throws IOException {
    cutPower();
    restorePower();
  }

  @Override
  public DiskFile open(Path file) throws IOException {
    synchronized (lock) {
      requirePower();
      Path absolute = file.toAbsolutePath();
      if (!Files.exists(absolute)) {
        unsyncedNames.add(absolute);
      }
      DiskFile real = Disk.real().open(absolute);
      UnsyncedSectors sectors = unsynced.get(absolute);
      if (sectors == null) {
        sectors = new UnsyncedSectors(sectorBytes, real.size());
        unsynced.put(absolute, sectors);
      }
      return new FaultyFile(this, real, sectors, generation);
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    synchronized (lock) {
      count(Call.FORCE, generation);
      Disk.real().forceDirectory(directory);
      unsyncedNames.removeIf(name -> directory.toAbsolutePath().equals(name.getParent()));
    }
  }

  @Override
  public long usableBytes(Path directory) throws IOException {
    synchronized (lock) {
      return space.usable(Disk.real().usableBytes(directory));
    }
  }

  @Override
  public long totalBytes(Path directory) throws IOException {
    synchronized (lock) {
      return space.total(Disk.real().totalBytes(directory));
    }
  }

  Object lock() {
    return lock;
  }

  /** Counts a call of an open file, and fails it if it is its turn. */
  void count(Call call, int fileGeneration) throws IOException {
    requirePower();
    if (fileGeneration != generation) {
      throw new IOException("the power was cut after this file was opened");
    }
    long number = calls(call) + 1;
    calls.put(call, number);
    Fault fault = faults.get(call);
    if (fault != null && fault.hits(number)) {
      throw new IOException("Input/output error (" + call + " " + number + " made to fail)");
    }
  }

  /** Takes room for a file that grows. */
  void takeSpace(long bytes) throws IOException {
    space.take(bytes);
  }

  /**
   * How much of a request is done: all of a healthy read, some of a short one or of a failed write.
   */
  int part(int requested) {
    return requested <= 1 ? requested : 1 + random.nextInt(requested);
  }

  private void requirePower() throws IOException {
    if (!powered) {
      throw new IOException("the power is cut");
    }
  }

  boolean readsShort() {
    return shortReads;
  }

  private record Fault(long number, Repeat repeat) {
    boolean hits(long call) {
      return call == number || (call > number && repeat == Repeat.FOREVER);
    }
  }

  /** How much room there is, and how much is said to be. */
  private static final class Space {
    private static final long UNLIMITED = Long.MAX_VALUE;

    private long left = UNLIMITED;
    private long reportedUsable = UNLIMITED;
    private long reportedTotal = UNLIMITED;

    void reset() {
      left = UNLIMITED;
      reportedUsable = UNLIMITED;
      reportedTotal = UNLIMITED;
    }

    void fullAfter(long bytes) {
      left = bytes;
    }

    void report(long usableBytes, long totalBytes) {
      reportedUsable = usableBytes;
      reportedTotal = totalBytes;
    }

    void take(long bytes) throws IOException {
      if (left == UNLIMITED) {
        return;
      }
      if (bytes > left) {
        left = 0;
        throw new IOException("No space left on device");
      }
      left -= bytes;
    }

    long usable(long real) {
      return Math.min(reportedUsable == UNLIMITED ? real : reportedUsable, left);
    }

    long total(long real) {
      return reportedTotal == UNLIMITED ? real : reportedTotal;
    }
  }
}
