package io.escrowmq.storage.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageIndex.Query;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.StorageContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Opening, closing, and that nothing native stays behind. */
class LifeCycleTest extends StorageContract {

  @Override
  protected EngineUnderTest engine() {
    return new RocksDbEngine();
  }

  @Test
  void everyNativeObjectIsClosedHoweverOftenAStoreIsOpened() throws IOException {
    for (int round = 0; round < 20; round++) {
      Database database = database();
      useEverything(round);
      assertThat(database.openReads()).as("iterators and snapshots in round %s", round).isZero();
      assertThat(database.isEverythingClosed()).isFalse();
      fixture().reopen();
      assertThat(database.isEverythingClosed()).as("round %s", round).isTrue();
    }
    fixture().close();
    assertThat(openFiles()).as("files of the store that are still open").isZero();
  }

  @Test
  void theNativeLibraryLeavesNoFileBehind() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    String mine;
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      mine = maps.filter(line -> line.contains("librocksdbjni")).findFirst().orElseThrow();
    }
    assertThat(mine).contains(temporary.toString()).endsWith("(deleted)");
  }

  @Test
  void readersThatRaceWithCloseAndRetentionGetAnAnswerOrClosed() {
    for (int i = 0; i < 40; i++) {
      apply(new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, 32 * 1024)));
    }
    Database database = database();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(threads.submit(this::readUntilClosed));
      }
      time().advance(Duration.ofDays(4));
      storage().maintenance().retain();
      assertThat(bounds(ORDERS)).isEqualTo(new QueueBounds(40, 40));
      storage().close();
      for (Future<?> reader : readers) {
        assertThat(reader).succeedsWithin(Duration.ofSeconds(30));
      }
    }
    assertThat(database.isEverythingClosed()).isTrue();
  }

  @Test
  void aSecondOpenerIsToldThatTheStoreIsOpen() {
    assertThatThrownBy(() -> open(fixture().directory(), Durability.DURABLE, Map.of()))
        .isInstanceOfSatisfying(
            StorageException.Unavailable.class,
            refused -> {
              assertThat(refused.kind()).isEqualTo(StorageException.Kind.FATAL);
              assertThat(refused).hasMessageContaining("is open already");
              assertThat(refused.remedy()).contains("another data directory");
            });
    append(ORDERS, "the first is not disturbed");
  }

  @Test
  void aNewerStoreIsRefusedUntouched() throws IOException {
    append(ORDERS, "a");
    fixture().close();
    Path format = fixture().directory().resolve("format");
    Files.writeString(format, "escrowmq-rocksdb 2\n", US_ASCII);
    assertThatThrownBy(() -> fixture().open())
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining("format version 2")
        .hasMessageContaining("version 1");
    Files.writeString(format, "escrowmq-rocksdb 1\n", US_ASCII);
    fixture().open();
    assertThat(texts(ORDERS)).containsExactly("a");
  }

  @Test
  void aStoreWithoutItsFormatFileIsNotGuessedAt() throws IOException {
    fixture().close();
    Path format = fixture().directory().resolve("format");
    Files.writeString(format, "something else", US_ASCII);
    assertThatThrownBy(() -> fixture().open()).isInstanceOf(StorageException.Corrupt.class);
    Files.delete(format);
    assertThatThrownBy(() -> fixture().open())
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("no file named format");
  }

  @Test
  void impossibleSettingsAreRefusedWithTheirNames() {
    Path elsewhere = scratch("elsewhere");
    assertThatThrownBy(() -> open(elsewhere, Durability.REPLICATED, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no replicas");
    assertThatThrownBy(() -> open(elsewhere, Durability.DURABLE, Map.of("memory", "1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("memory-bytes");
    assertThatThrownBy(() -> open(elsewhere, Durability.DURABLE, Map.of("bucket-bytes", "1")))
        .hasMessageContaining("bucket-bytes must be between");
    assertThatThrownBy(() -> open(elsewhere, Durability.DURABLE, Map.of("bucket-bytes", "x")))
        .hasMessageContaining("whole number");
    assertThat(elsewhere).doesNotExist();
  }

  @Test
  void nativeMemoryStaysWithinWhatWasGiven() {
    for (int i = 0; i < 40; i++) {
      apply(
          java.util.stream.IntStream.range(0, 10)
              .mapToObj(n -> new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, 65_536)))
              .toArray(Mutation[]::new));
    }
    storage().maintenance().checkpoint();
    readAll(ORDERS);
    Map<String, Long> figures = storage().maintenance().statistics();
    long given = 32L << 20;
    assertThat(figures.get("native-memory-bytes")).isPositive().isLessThan(given + given / 2);
    assertThat(figures.get("memory-tables-bytes")).isLessThan(given);
    assertThat(figures.get("messages")).isEqualTo(400);
    assertThat(figures.get("files-bytes")).isPositive();
  }

  private void readUntilClosed() {
    try {
      while (true) {
        readFromTheStart();
        storage().log().offsetAt(ORDERS, time().nowMs());
      }
    } catch (StorageException.Closed expected) {
      assertThat(expected).hasMessageContaining("closed");
    }
  }

  /** Reads until an answer is empty, which is right only where nothing is readable any more. */
  private void readFromTheStart() {
    long next = bounds(ORDERS).min();
    while (true) {
      try (MessageBatch batch = storage().log().read(ORDERS, next, new ReadLimits(8, 64 * 1024))) {
        if (batch.messages().isEmpty()) {
          QueueBounds now = bounds(ORDERS);
          assertThat(next < now.min() || next >= now.max()).as("%s of %s", next, now).isTrue();
          return;
        }
        assertThat(batch.messages().getFirst().queueOffset()).isEqualTo(next);
        next += batch.messages().size();
      }
    }
  }

  private void useEverything(int round) {
    apply(
        new Mutation.Append(ORDERS, SampleMessages.indexed(ORDERS, "m" + round, "k", "u" + round)),
        putOf("k" + round, "v"));
    hold(id(round + 1), ORDERS, "held");
    assertThat(readAll(ORDERS)).hasSize(round + 1);
    storage().escrow().scan(HoldKind.TRANSACTION, Optional.empty(), 1);
    storage().escrow().due(HoldKind.TRANSACTION, Optional.empty(), Long.MAX_VALUE, 1);
    storage().escrow().get(id(round + 1));
    storage().tables().scan(TABLE, Bytes.EMPTY, Optional.empty(), 1);
    storage()
        .index()
        .find(new Query("orders", Field.KEY, "k", 0, Long.MAX_VALUE, 1, Optional.empty()));
    storage().maintenance().checkpoint();
    storage().maintenance().retain();
    storage().maintenance().verify();
    storage().maintenance().statistics();
  }

  private Database database() {
    return ((RocksDbStorage) storage()).engine().database();
  }

  private long openFiles() throws IOException {
    Path store = fixture().directory().toRealPath();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(descriptor -> leadsInto(descriptor, store)).count();
    }
  }

  private static boolean leadsInto(Path descriptor, Path store) {
    try {
      return Files.readSymbolicLink(descriptor).startsWith(store);
    } catch (IOException e) {
      return false;
    }
  }

  private static void open(Path directory, Durability durability, Map<String, String> options) {
    StorageSettings defaults = StorageSettings.defaults(directory);
    StorageSettings settings =
        new StorageSettings(
            directory, durability, defaults.decisionRetention(), defaults.retention(), options);
    new RocksDbStorageProvider().open(settings, StorageContext.system()).close();
  }
}
