package io.escrowmq.spi.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealDiskTest {

  @TempDir Path directory;

  @Test
  void aFileIsWrittenAndReadAtPositions() throws IOException {
    Path path = directory.resolve("file");
    try (DiskFile file = Disk.real().open(path)) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 4);
      file.write(ByteBuffer.wrap(new byte[] {9}), 0);
      file.force();
      assertThat(file.size()).isEqualTo(7);
      ByteBuffer target = ByteBuffer.allocate(10);
      assertThat(file.read(target, 3)).isEqualTo(4);
      assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {0, 1, 2, 3}));
      assertThat(file.read(ByteBuffer.allocate(1), 7)).isEqualTo(-1);
    }
    Disk.real().forceDirectory(directory);
    assertThat(Files.readAllBytes(path)).containsExactly(9, 0, 0, 0, 1, 2, 3);
    try (DiskFile file = Disk.real().open(path)) {
      assertThat(file.size()).isEqualTo(7);
    }
  }

  @Test
  void spaceIsReported() throws IOException {
    assertThat(Disk.real().usableBytes(directory)).isPositive();
    assertThat(Disk.real().totalBytes(directory))
        .isGreaterThanOrEqualTo(Disk.real().usableBytes(directory));
  }
}
