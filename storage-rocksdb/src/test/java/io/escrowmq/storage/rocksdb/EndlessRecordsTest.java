package io.escrowmq.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.rocksdb.files.EndlessRecords;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.StorageContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damage that looks like a record of a recycled log; unless defused, opening never returns. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EndlessRecordsTest extends StorageContract {

  private static final int HEADER_BYTES = 7;
  private static final int TYPE_AT = 6;
  private static final int MESSAGES = 100;

  private Path image = Path.of("");

  @Override
  protected EngineUnderTest engine() {
    return new RocksDbEngine();
  }

  /** A store as a crash leaves it: a write-ahead log of several blocks. */
  @BeforeEach
  void takeImage() throws IOException {
    for (int i = 0; i < MESSAGES; i++) {
      apply(new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, 1000)));
    }
    image = copyTo(scratch("image"));
  }

  @Test
  void intactLogsHaveNone() throws IOException {
    assertThat(Files.size(log())).isGreaterThan(3 * 32 * 1024);
    assertThat(records().find()).isEmpty();
    assertThat(openAndCount()).isEqualTo(MESSAGES);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7, 8, 11, 131})
  void aTornTailIsCut(int type) throws IOException {
    byte[] tail = new byte[500];
    tail[TYPE_AT] = (byte) type;
    tail[Integer.BYTES] = 100;
    long end = Files.size(log());
    Files.write(log(), tail, StandardOpenOption.APPEND);
    assertThat(records().find())
        .containsExactly(new EndlessRecords.Found(log(), end + TYPE_AT, type));
    assertThat(openAndCount()).isEqualTo(MESSAGES);
    assertThat(openAndCount()).isEqualTo(MESSAGES);
  }

  @Test
  void aFlippedBitInWhatWasAcknowledgedIsNoticed() throws IOException {
    byte[] log = Files.readAllBytes(log());
    int second = HEADER_BYTES + Short.toUnsignedInt(Short.reverseBytes(shortAt(log, 4)));
    log[second + TYPE_AT] ^= 4;
    Files.write(log(), log);
    assertThat(records().find()).hasSize(1);
    assertThatThrownBy(this::openAndCount)
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("had been synced");
  }

  @Test
  void aFlippedBitInTheManifestIsNoticed() throws IOException {
    Path manifest = files("MANIFEST-").getFirst();
    byte[] content = Files.readAllBytes(manifest);
    int second = HEADER_BYTES + Short.toUnsignedInt(Short.reverseBytes(shortAt(content, 4)));
    content[second + TYPE_AT] ^= 4;
    Files.write(manifest, content);
    assertThatThrownBy(this::openAndCount).isInstanceOf(StorageException.class);
  }

  @Test
  void aStoreInUseIsNotTouched() throws IOException {
    Path log = fixture().directory().resolve("db").resolve(log().getFileName());
    byte[] before = Files.readAllBytes(log);
    new EndlessRecords(fixture().directory().resolve("db")).defuse();
    assertThat(log).hasBinaryContent(before);
    assertThat(readAll(ORDERS)).hasSize(MESSAGES);
  }

  private EndlessRecords records() {
    return new EndlessRecords(image.resolve("db"));
  }

  private long openAndCount() {
    try (var store = new io.escrowmq.spi.storage.testkit.StorageFixture(engine(), image)) {
      long max = store.open().log().bounds(ORDERS).max();
      store.storage().maintenance().verify();
      return max;
    }
  }

  private Path log() throws IOException {
    return files("").stream().filter(file -> file.toString().endsWith(".log")).findFirst().get();
  }

  private List<Path> files(String prefix) throws IOException {
    try (Stream<Path> all = Files.list(image.resolve("db"))) {
      return all.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private Path copyTo(Path to) throws IOException {
    Path from = fixture().directory();
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  private static short shortAt(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes).getShort(at);
  }
}
