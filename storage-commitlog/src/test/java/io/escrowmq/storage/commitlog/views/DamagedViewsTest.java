package io.escrowmq.storage.commitlog.views;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is left of the views when their files are damaged. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DamagedViewsTest {

  private static final int HEADER_BYTES = 7;
  private static final int TYPE_AT = 6;

  @TempDir Path directory;

  /** Undefused, the library reads this manifest for ever. */
  @Test
  void aFlippedBitInTheManifestIsNoticed() throws IOException {
    ViewStore.open(directory).close();
    ViewStore.open(directory).close();
    Path manifest = manifests().getLast();
    byte[] content = Files.readAllBytes(manifest);
    ByteBuffer header = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    int second = HEADER_BYTES + Short.toUnsignedInt(header.getShort(Integer.BYTES));
    assertThat(content[second + TYPE_AT]).isEqualTo((byte) 1);
    content[second + TYPE_AT] = 5;
    Files.write(manifest, content);
    assertThatThrownBy(() -> ViewStore.open(directory))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("the views in");
  }

  private List<Path> manifests() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("MANIFEST-"))
          .sorted()
          .toList();
    }
  }
}
