package io.escrowmq.spi.storage.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A file system on a disk whose power can be cut. Needs Linux, root and loop devices.
 *
 * <p>Two file systems in each other: a file in memory ({@code image}) is loop-mounted as the
 * <i>shell</i>; the only file of the shell, {@code volume}, is loop-mounted again, and that is
 * where the store lives. The page cache of {@code volume} is the write cache of the disk: what the
 * inner file system writes stays there until it asks for a flush, which the loop device turns into
 * a sync of {@code volume}; only then it is in the image. A cut shuts the shell down ({@code
 * EXT4_IOC_SHUTDOWN} without a flush): what was not synced is gone, also what a file system
 * believed to have written, and whoever goes on gets errors. Mounting the image again is the
 * reboot.
 *
 * <p>Between two cuts a {@link Writeback} does what real caches do: parts of them reach the disk in
 * any order. Not thread-safe, but {@link #cutPower} and {@link Writeback} may overlap.
 */
final class PoweredDisk implements AutoCloseable {

  private static final int VOLUME_MB = 384;
  private static final int SHELL_MB = VOLUME_MB + 40;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path home;
  private final Path image;
  private final Path shell;
  private final Path root;
  private final Thread emergency;

  private PoweredDisk(Path home, Runnable killUsers) {
    this.home = home;
    this.emergency = Thread.ofPlatform().unstarted(() -> abandon(killUsers));
    this.image = home.resolve("image");
    this.shell = home.resolve("shell");
    this.root = home.resolve("root");
  }

  /**
   * A new disk, formatted and switched on.
   *
   * @param killUsers ends the processes that use the disk, if this JVM ends before {@link #close}
   */
  static PoweredDisk create(Runnable killUsers) throws IOException {
    Path memory = Path.of(System.getProperty("escrowmq.power.directory", "/dev/shm"));
    check(memory);
    PoweredDisk disk =
        new PoweredDisk(Files.createTempDirectory(memory, "escrowmq-power-"), killUsers);
    boolean complete = false;
    try {
      Runtime.getRuntime().addShutdownHook(disk.emergency);
      disk.format();
      disk.mountVolume();
      complete = true;
      return disk;
    } finally {
      if (!complete) {
        disk.close();
      }
    }
  }

  private static void check(Path memory) throws IOException {
    boolean root = "root".equals(System.getProperty("user.name"));
    if (!root || !Files.exists(Path.of("/dev/loop-control")) || !Files.isWritable(memory)) {
      throw new IOException(
          "power cuts need Linux, root, loop devices (/dev/loop-control) and "
              + (SHELL_MB * 2 + 200)
              + " MB of memory in "
              + memory
              + ": run this test as root on a machine or in a container that may mount (docker run"
              + " --privileged), and name another directory with -Descrowmq.power.directory=");
    }
  }

  /** Where the store may live. */
  Path root() {
    return root;
  }

  /** The cache of the disk. */
  Path volume() {
    return shell.resolve("volume");
  }

  /**
   * Cuts the power: what was not synced by now is lost. Everything that uses the file system fails
   * afterwards, and has to be ended before {@link #restorePower}.
   */
  void cutPower() throws IOException {
    SystemCalls.shutDown(shell);
  }

  /** Boots: the image is mounted, and the inner file system replays its journal. */
  void restorePower() throws IOException {
    unmount();
    mountShell();
    mountVolume();
  }

  /** An empty file system again. What was on the disk before is still in its unused blocks. */
  void reformat() throws IOException {
    unmount(root);
    formatVolume();
    mountVolume();
  }

  /** Switches off after a cut or without one, and forgets everything. */
  @Override
  public void close() throws IOException {
    unmount();
    for (Path file : List.of(image, shell, root, home)) {
      Files.deleteIfExists(file);
    }
    Runtime.getRuntime().removeShutdownHook(emergency);
  }

  /** The JVM ends in the middle of a test: no process and no mount stays behind. */
  private void abandon(Runnable killUsers) {
    try {
      killUsers.run();
      // Without its image, the test that is still running cannot mount it again.
      Files.deleteIfExists(image);
      for (Path mounted : List.of(root, shell)) {
        while (isMounted(mounted) && status("umount", "-l", mounted.toString()) == 0) {
          // Once more, if the test mounted it at the same time.
        }
      }
      for (Path file : List.of(shell, root, home)) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | RuntimeException e) {
      System.err.println("cannot remove " + home + ": " + e);
    }
  }

  private void format() throws IOException {
    Files.createDirectory(shell);
    Files.createDirectory(root);
    try (FileChannel file =
        FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(1), SHELL_MB * 1024L * 1024 - 1);
    }
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", image.toString());
    mountShell();
    // Written out with zeros: a sync of the volume then changes nothing but the data.
    ByteBuffer zeros = ByteBuffer.allocate(1024 * 1024);
    try (FileChannel file =
        FileChannel.open(volume(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int i = 0; i < VOLUME_MB; i++) {
        file.write(zeros.rewind());
      }
    }
    formatVolume();
  }

  private void formatVolume() throws IOException {
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "nodiscard", volume().toString());
    SystemCalls.syncFileSystem(shell);
  }

  private void mountShell() throws IOException {
    run("mount", "-t", "ext4", "-o", "loop,noatime", image.toString(), shell.toString());
  }

  private void mountVolume() throws IOException {
    run("mount", "-t", "ext4", "-o", "loop", volume().toString(), root.toString());
  }

  private void unmount() {
    unmount(root);
    unmount(shell);
  }

  /** Whoever was killed may need a moment to be gone. */
  private static void unmount(Path mounted) {
    Awaitility.await("unmounting " + mounted)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !isMounted(mounted) || status("umount", mounted.toString()) == 0);
  }

  private static boolean isMounted(Path directory) throws IOException {
    return Files.readAllLines(Path.of("/proc/mounts")).stream()
        .anyMatch(line -> line.split(" ", -1)[1].equals(directory.toString()));
  }

  private static void run(String... command) throws IOException {
    int status = status(command);
    if (status != 0) {
      throw new IOException(
          String.join(" ", command)
              + " failed with status "
              + status
              + "; what it said is above. Power cuts need root, e2fsprogs and free loop devices.");
    }
  }

  private static int status(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return -1;
      }
      if (process.exitValue() != 0 && !said.contains("busy")) {
        System.out.println(said);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during " + String.join(" ", command), e);
    }
  }
}
