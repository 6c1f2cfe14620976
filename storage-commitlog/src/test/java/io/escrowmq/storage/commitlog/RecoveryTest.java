package io.escrowmq.storage.commitlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.copy.CopyFigures;
import io.escrowmq.spi.storage.copy.CopyListener;
import io.escrowmq.spi.storage.copy.StoreComparison;
import io.escrowmq.spi.storage.copy.StoreCopy;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.StorageFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What opening does with directories that are not as they were left. */
class RecoveryTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);
  private static final HoldId HELD = new HoldId(1, 1);
  private static final HoldId RELEASED = new HoldId(2, 2);

  @TempDir Path directory;

  private StorageFixture fixture = new StorageFixture(new CommitLogEngine(), Path.of("."));

  @BeforeEach
  void create() {
    fixture = new StorageFixture(new CommitLogEngine(), directory.resolve("store"));
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void lostViewsAreRebuiltFromAWholeLog() throws IOException {
    fillALittle();
    fixture.close();
    delete(fixture.directory().resolve("views"));
    checkTheLittle(fixture.open());
  }

  @Test
  void whatWasRestoredIsReplayed() throws IOException {
    fillALittle();
    write(fixture, new Mutation.Trim(QUEUE, 200));
    StorageFixture copy = new StorageFixture(new CommitLogEngine(), directory.resolve("copy"));
    try (copy) {
      var _ = new StoreCopy(fixture.storage(), copy.open(), CopyListener.NONE).run("a store");
      copy.close();
      delete(copy.directory().resolve("views"));
      CopyFigures same =
          new StoreComparison(fixture.storage(), copy.open(), CopyListener.NONE).run();
      assertThat(same.messages()).isEqualTo(101);
      assertThat(same.holds() + same.decisions() + same.rows()).isEqualTo(3);
      checkTheLittle(copy.storage());
    }
  }

  @Test
  void lostViewsOfAnExpiredLogAreAnError() throws IOException {
    fillALittle();
    fixture.close();
    List<Path> logs = new CommitLogEngine().logFiles(fixture.directory());
    assertThat(logs).hasSizeGreaterThan(1);
    Files.delete(logs.getFirst());
    delete(fixture.directory().resolve("views"));
    assertThatThrownBy(fixture::open)
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("views are missing");
  }

  @Test
  void aMissingSegmentIsAnError() throws IOException {
    fillALittle();
    fixture.close();
    List<Path> logs = new CommitLogEngine().logFiles(fixture.directory());
    Files.delete(logs.get(1));
    assertThatThrownBy(fixture::open)
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("missing");
  }

  @Test
  void aMissingLastSegmentIsAnError() throws IOException {
    fillALittle();
    fixture.close();
    List<Path> logs = new CommitLogEngine().logFiles(fixture.directory());
    for (Path log : logs.subList(1, logs.size())) {
      Files.delete(log);
    }
    assertThatThrownBy(fixture::open).isInstanceOf(StorageException.Corrupt.class);
  }

  @Test
  void aStoreIsOpenOnceOnly() {
    fixture.open();
    try (StorageFixture second = new StorageFixture(new CommitLogEngine(), fixture.directory())) {
      assertThatThrownBy(second::open)
          .isInstanceOf(StorageException.Unavailable.class)
          .hasMessageContaining(fixture.directory().toString())
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
    }
    append("still works");
  }

  @Test
  void theViewsOfAnotherStoreAreAnError() throws IOException {
    fillALittle();
    fixture.close();
    Path views = fixture.directory().resolve("views");
    delete(views);
    try (StorageFixture other =
        new StorageFixture(new CommitLogEngine(), directory.resolve("other"))) {
      other.open();
      append(other, "elsewhere");
    }
    Files.move(directory.resolve("other").resolve("views"), views);
    assertThatThrownBy(fixture::open)
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("different stores");
  }

  private void fillALittle() {
    fixture.open();
    for (int i = 0; i < 300; i++) {
      append("m" + i + "x".repeat(3000));
    }
    hold(HELD);
    hold(RELEASED);
    write(fixture, new Mutation.Release(RELEASED));
    write(fixture, new Mutation.Put("table", Bytes.utf8("k"), Bytes.utf8("v")));
  }

  private static void checkTheLittle(Storage storage) {
    assertThat(storage.log().bounds(QUEUE).max()).isEqualTo(301);
    assertThat(storage.escrow().status(HELD)).isEqualTo(HoldStatus.HELD);
    assertThat(storage.escrow().status(RELEASED).queueOffset()).isEqualTo(300);
    assertThat(storage.tables().get("table", Bytes.utf8("k")).orElseThrow().value())
        .isEqualTo(Bytes.utf8("v"));
    storage.maintenance().verify();
  }

  private void hold(HoldId id) {
    write(
        fixture,
        new Mutation.Hold(
            id,
            QUEUE,
            SampleMessages.message(QUEUE, "held"),
            HoldKind.TRANSACTION,
            5,
            Bytes.EMPTY));
  }

  private void append(String text) {
    append(fixture, text);
  }

  private static void append(StorageFixture store, String text) {
    write(store, new Mutation.Append(QUEUE, SampleMessages.message(QUEUE, text)));
  }

  private static Outcome write(StorageFixture store, Mutation mutation) {
    return store.storage().write(WriteBatch.of(mutation)).toCompletableFuture().join().outcome(0);
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
