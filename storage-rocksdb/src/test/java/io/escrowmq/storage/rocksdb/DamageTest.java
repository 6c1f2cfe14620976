package io.escrowmq.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.Seeds;
import io.escrowmq.spi.storage.testkit.StorageContract;
import io.escrowmq.spi.storage.testkit.StorageFixture;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Damaged files: what was acknowledged is there, or the store says that it is not. */
class DamageTest extends StorageContract {

  private static final int ACKNOWLEDGED = 20;
  private static final int SAMPLES = 25;

  private final Random random = new Random(Seeds.seed("DamageTest"));

  @Override
  protected EngineUnderTest engine() {
    return new RocksDbEngine();
  }

  @Test
  void aDamagedWriteAheadLogNeverLosesAcknowledgedMessagesSilently() throws IOException {
    for (int i = 0; i < ACKNOWLEDGED; i++) {
      append(ORDERS, "m" + i);
    }
    Path image = copy("image");
    Path log = only(image.resolve("db"), ".log");
    long size = Files.size(log);
    int refused = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
      Path damaged = copyOf(image, "damaged-" + sample);
      long at = (long) (random.nextDouble() * size);
      flip(only(damaged.resolve("db"), ".log"), at);
      refused += opensWhole(damaged, "byte " + at + " of " + size) ? 0 : 1;
    }
    assertThat(refused).as("damage noticed").isPositive();
  }

  @Test
  void aLogThatIsCutBelowWhatWasSyncedIsNoticed() throws IOException {
    for (int i = 0; i < ACKNOWLEDGED; i++) {
      append(ORDERS, "m" + i);
    }
    Path image = copy("image");
    try (RandomAccessFile log =
        new RandomAccessFile(only(image.resolve("db"), ".log").toFile(), "rw")) {
      log.setLength(log.length() / 2);
    }
    assertThatThrownBy(() -> new StorageFixture(engine(), image).open())
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("had been synced");
  }

  @Test
  void aTornTailOfWhatWasNotAcknowledgedIsCut() throws IOException {
    for (int i = 0; i < ACKNOWLEDGED; i++) {
      append(ORDERS, "m" + i);
    }
    Path image = copy("image");
    try (RandomAccessFile log =
        new RandomAccessFile(only(image.resolve("db"), ".log").toFile(), "rw")) {
      byte[] garbage = new byte[500];
      random.nextBytes(garbage);
      log.seek(log.length());
      log.write(garbage);
    }
    assertThat(opensWhole(image, "a torn tail")).isTrue();
  }

  @Test
  void verificationFindsADamagedFile() throws IOException {
    for (int i = 0; i < ACKNOWLEDGED; i++) {
      apply(new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, 3000)));
    }
    fixture().close();
    Path largest = files(fixture().directory().resolve("db"), ".sst").getFirst();
    flip(largest, Files.size(largest) / 3);
    assertThatThrownBy(
            () -> {
              fixture().open();
              storage().maintenance().verify();
            })
        .isInstanceOf(StorageException.Corrupt.class);
  }

  /** False if the store refuses or notices; an assertion if it serves something wrong. */
  private boolean opensWhole(Path directory, String what) {
    try (StorageFixture damaged = new StorageFixture(engine(), directory)) {
      damaged.open();
      assertThat(damaged.storage().log().bounds(ORDERS).max()).as(what).isEqualTo(ACKNOWLEDGED);
      damaged.storage().maintenance().verify();
      return true;
    } catch (StorageException.Corrupt noticed) {
      return false;
    }
  }

  private Path copy(String name) throws IOException {
    return copyOf(fixture().directory(), name);
  }

  private Path copyOf(Path from, String name) throws IOException {
    Path to = scratch(name);
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  private static Path only(Path directory, String suffix) throws IOException {
    List<Path> found = files(directory, suffix);
    assertThat(found).as("files *%s", suffix).isNotEmpty();
    return found.getFirst();
  }

  /** Largest first. */
  private static List<Path> files(Path directory, String suffix) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(file -> file.toString().endsWith(suffix))
          .sorted((a, b) -> Long.compare(b.toFile().length(), a.toFile().length()))
          .toList();
    }
  }

  private static void flip(Path path, long at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(at);
      int before = file.read();
      file.seek(at);
      file.write(before ^ 0x10);
    }
  }
}
