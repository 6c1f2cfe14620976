package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.ForeignIntake;
import io.escrowmq.spi.storage.IntakeFigures;
import io.escrowmq.spi.storage.IntakeRow;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.InMemoryStorageProvider;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.tx.Randomness;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Between two databases nothing is lost and nothing comes twice, wherever the relay dies. */
class RelayedIntakeTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);

  @TempDir Path directory;

  private final Applications applications = new Applications();
  private Storage storage;

  @BeforeEach
  void open() {
    storage =
        new InMemoryStorageProvider()
            .open(StorageSettings.defaults(directory), StorageContext.system());
  }

  @AfterEach
  void close() {
    storage.close();
  }

  @Test
  void rowsThatAreMessagesAlreadyAreRemovedBeforeAnythingElseIsRead() {
    applications.rows.addAll(List.of(1L, 2L, 3L));
    // Dies between the two databases.
    RelayedIntake first = started();
    assertThat(first.read(2, 1000)).hasSize(2);
    assertThat(move(first, List.of(1L, 2L))).isTrue();

    RelayedIntake second = started();

    assertThat(second.read(10, 1000)).extracting(IntakeRow::id).containsExactly(3L);
    assertThat(move(second, List.of(3L))).isTrue();
    assertThat(started().read(10, 1000)).isEmpty();
    assertThat(texts()).containsExactly("1", "2", "3");
  }

  @Test
  void aBatchOfAnEarlierLookIsRefused() {
    applications.rows.addAll(List.of(1L, 2L));
    RelayedIntake late = started();
    assertThat(late.read(10, 1000)).hasSize(2);
    RelayedIntake other = started();
    assertThat(other.read(10, 1000)).hasSize(2);
    assertThat(move(other, List.of(1L, 2L))).isTrue();

    assertThat(move(late, List.of(1L, 2L))).isFalse();
    assertThat(texts()).containsExactly("1", "2");
  }

  @Test
  void anythingMayFailAtAnyTime() {
    long seed = Randomness.system().bytes(1)[0];
    System.out.println("RelayedIntakeTest seed " + seed);
    Random random = new Random(seed);
    long next = 1;
    RelayedIntake relay = started();
    for (int step = 0; step < 2000; step++) {
      for (int i = random.nextInt(4); i > 0; i--) {
        applications.rows.add(next++);
      }
      applications.fails = random.nextInt(5) == 0;
      if (random.nextInt(10) == 0) {
        applications.fails = false;
        relay = started();
      }
      step(relay, random);
    }
    applications.fails = false;
    step(started(), random);
    assertThat(started().read(10, 1000)).isEmpty();
    assertThat(texts()).as("seed " + seed).doesNotHaveDuplicates().hasSize((int) next - 1);
  }

  private void step(RelayedIntake relay, Random random) {
    try {
      List<Long> ids = relay.read(1000, 1000).stream().map(IntakeRow::id).toList();
      if (!ids.isEmpty() && random.nextInt(8) > 0) {
        boolean _ = move(relay, ids);
      }
    } catch (StorageException.Unavailable e) {
      // As its database: it is looked at again.
      assertThat(applications.fails).isTrue();
    }
  }

  @Test
  void aStoreKeepsItsName() {
    String name = RelayedIntake.nameOf(storage, Randomness.system());
    assertThat(RelayedIntake.nameOf(storage, Randomness.system())).isEqualTo(name).isNotBlank();
  }

  private RelayedIntake started() {
    RelayedIntake relay = new RelayedIntake(storage, applications);
    assertThat(relay.check()).isEqualTo(7);
    return relay;
  }

  private static boolean move(RelayedIntake relay, List<Long> ids) {
    WriteBatch.Builder batch = WriteBatch.builder();
    ids.forEach(
        id -> batch.add(new Mutation.Append(QUEUE, SampleMessages.message(QUEUE, "" + id))));
    return relay.move(batch.build(), ids).toCompletableFuture().join().applied();
  }

  private List<String> texts() {
    try (var batch = storage.log().read(QUEUE, 0, new ReadLimits(100_000, 1 << 26))) {
      return batch.messages().stream().map(SampleMessages::textOf).toList();
    }
  }

  /** A database that sometimes does not answer. */
  private static final class Applications implements ForeignIntake {
    private final TreeSet<Long> rows = new TreeSet<>();
    private boolean fails;

    @Override
    public long check() {
      return 7;
    }

    @Override
    public List<IntakeRow> read(int maxRows, long maxBytes) {
      answer();
      return rows.stream()
          .limit(maxRows)
          .map(id -> new IntakeRow(id, "orders", "", 0, 1, Map.of(), ByteBuffer.allocate(1), ""))
          .toList();
    }

    @Override
    public void remove(List<Long> ids) {
      answer();
      ids.forEach(rows::remove);
    }

    private void answer() {
      if (fails) {
        throw new StorageException.Unavailable(
            StorageException.Kind.RETRIABLE, "the database is away", "Wait.");
      }
    }

    @Override
    public void reject(long id, String reason) {
      rows.remove(id);
    }

    @Override
    public void await(Duration atMost, boolean idle) {}

    @Override
    public IntakeFigures figures() {
      return IntakeFigures.NONE;
    }

    @Override
    public void close() {}
  }
}
