package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.DiskFile;
import io.escrowmq.spi.storage.testkit.FaultyDisk.Call;
import io.escrowmq.spi.storage.testkit.FaultyDisk.Repeat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultyDiskTest {

  private static final int SIZE = 20_000;

  @TempDir Path directory;

  @Test
  void forcedBytesSurviveAPowerCut() throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      FaultyDisk disk = new FaultyDisk(seed);
      Path path = directory.resolve("forced-" + seed);
      DiskFile file = disk.open(path);
      file.write(filled(SIZE, 1), 0);
      file.force();
      disk.forceDirectory(directory);
      file.write(filled(SIZE, 2), SIZE / 2);
      disk.crash();
      byte[] content = Files.readAllBytes(path);
      assertThat(content.length).isBetween(SIZE, SIZE + SIZE / 2);
      assertThat(Arrays.copyOf(content, SIZE / 2)).containsOnly(1);
      for (int i = SIZE / 2; i < SIZE; i++) {
        assertThat(content[i]).isIn((byte) 1, (byte) 2);
      }
      assertThatThrownBy(() -> file.write(filled(1, 1), 0)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void unforcedSectorsSurviveOneByOne() throws IOException {
    Set<Long> survivors = new HashSet<>();
    for (int seed = 0; seed < 40; seed++) {
      FaultyDisk disk = new FaultyDisk(seed);
      Path path = directory.resolve("torn-" + seed);
      DiskFile file = disk.open(path);
      file.write(filled(SIZE, 1), 0);
      file.force();
      disk.forceDirectory(directory);
      file.write(filled(SIZE, 2), 0);
      disk.crash();
      byte[] content = Files.readAllBytes(path);
      long twos = 0;
      for (int sector = 0; sector < SIZE; sector += 512) {
        int end = Math.min(SIZE, sector + 512);
        byte first = content[sector];
        for (int i = sector; i < end; i++) {
          assertThat(content[i]).as("a sector is not torn").isEqualTo(first);
        }
        twos += first == 2 ? 1 : 0;
      }
      survivors.add(twos);
    }
    assertThat(survivors).hasSizeGreaterThan(4).contains(0L, 40L);
  }

  @Test
  void aFailedForceIsNotMadeGoodByTheNext() throws IOException {
    int lost = 0;
    for (int seed = 0; seed < 20; seed++) {
      FaultyDisk disk = new FaultyDisk(seed);
      Path path = directory.resolve("fsync-" + seed);
      DiskFile file = disk.open(path);
      disk.forceDirectory(directory);
      file.write(filled(SIZE, 1), 0);
      disk.fail(Call.FORCE, 1, Repeat.ONCE);
      assertThatThrownBy(file::force).isInstanceOf(IOException.class);
      file.force();
      disk.crash();
      byte[] content = Files.readAllBytes(path);
      lost += content.length < SIZE || content[0] != 1 || content[SIZE - 1] != 1 ? 1 : 0;
    }
    assertThat(lost).isPositive();
  }

  @Test
  void failuresHitTheirCallOnceOrForEver() throws IOException {
    FaultyDisk disk = new FaultyDisk(1);
    DiskFile file = disk.open(directory.resolve("failing"));
    disk.fail(Call.WRITE, 2, Repeat.ONCE);
    file.write(filled(10, 1), 0);
    assertThatThrownBy(() -> file.write(filled(10, 1), 0)).isInstanceOf(IOException.class);
    file.write(filled(10, 1), 0);
    disk.fail(Call.FORCE, 1, Repeat.FOREVER);
    assertThatThrownBy(file::force).isInstanceOf(IOException.class);
    assertThatThrownBy(file::force).isInstanceOf(IOException.class);
    disk.heal();
    file.force();
  }

  @Test
  void aFullDiskTakesOverwritesOnly() throws IOException {
    FaultyDisk disk = new FaultyDisk(1);
    DiskFile file = disk.open(directory.resolve("full"));
    file.write(filled(100, 1), 0);
    disk.fullAfter(50);
    assertThat(disk.usableBytes(directory)).isEqualTo(50);
    file.write(filled(50, 1), 100);
    assertThatThrownBy(() -> file.write(filled(10, 1), 150))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left");
    file.write(filled(150, 2), 0);
    assertThat(file.size()).isEqualTo(150);
    disk.heal();
    file.write(filled(10, 1), 150);
    disk.report(7, 70);
    assertThat(disk.usableBytes(directory)).isEqualTo(7);
    assertThat(disk.totalBytes(directory)).isEqualTo(70);
  }

  @Test
  void shortReadsGiveAtLeastOneByte() throws IOException {
    FaultyDisk disk = new FaultyDisk(1);
    DiskFile file = disk.open(directory.resolve("short"));
    file.write(filled(1000, 3), 0);
    disk.shortReads(true);
    ByteBuffer target = ByteBuffer.allocate(1000);
    int reads = 0;
    while (target.hasRemaining()) {
      assertThat(file.read(target, target.position())).isPositive();
      reads++;
    }
    assertThat(reads).isGreaterThan(1);
    assertThat(target.array()).containsOnly(3);
    assertThat(file.read(ByteBuffer.allocate(1), 1000)).isEqualTo(-1);
  }

  @Test
  void namesNeedTheirDirectoryForced() throws IOException {
    int gone = 0;
    for (int seed = 0; seed < 20; seed++) {
      FaultyDisk disk = new FaultyDisk(seed);
      Path path = directory.resolve("name-" + seed);
      DiskFile file = disk.open(path);
      file.write(filled(10, 1), 0);
      file.force();
      disk.crash();
      gone += Files.exists(path) ? 0 : 1;
    }
    assertThat(gone).isBetween(1, 19);
  }

  private static ByteBuffer filled(int size, int value) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) value);
    return ByteBuffer.wrap(bytes);
  }
}
