package io.escrowmq.storage.commitlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Escrow.HoldGroup;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.StorageFixture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More holds than are kept in memory: some are there, some in the database, some on the way. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyHoldsTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);
  private static final List<HoldKind> KINDS = List.of(HoldKind.TRANSACTION, HoldKind.DELAY);
  private static final int ROUNDS = 60;
  private static final int MOST_A_ROUND = 500;
  private static final int PAGE = 700;

  @TempDir Path directory;

  private final Map<HoldId, HoldEntry> expected = new HashMap<>();
  private final Set<HoldId> decided = new HashSet<>();

  @Test
  void whereverTheyAreTheyAreFoundInOrderAndOnce() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (StorageFixture fixture =
        new StorageFixture(new CommitLogEngine(), directory.resolve("store"))) {
      Storage storage = fixture.open();
      for (int round = 0; round < ROUNDS; round++) {
        write(storage, holds(random, round * MOST_A_ROUND));
        write(storage, changes(random));
        if (round % 20 == 19) {
          check(storage);
        }
      }
      assertThat(expected).hasSizeGreaterThan(10_000);
      fixture.close();
      check(fixture.open());
    }
  }

  private List<Mutation> holds(Random random, int first) {
    List<Mutation> mutations = new ArrayList<>();
    int count = 1 + random.nextInt(MOST_A_ROUND);
    for (int i = first; i < first + count; i++) {
      HoldId id = new HoldId(random.nextLong(), i);
      HoldKind kind = KINDS.get(random.nextInt(KINDS.size()));
      long wakeAtMs = random.nextInt(10) == 0 ? Mutation.Hold.NEVER : random.nextInt(1_000);
      expected.put(id, new HoldEntry(id, QUEUE, kind, 0, wakeAtMs, Bytes.EMPTY));
      mutations.add(
          new Mutation.Hold(
              id, QUEUE, SampleMessages.message(QUEUE, "m" + i), kind, wakeAtMs, Bytes.EMPTY));
    }
    return mutations;
  }

  /** Decides or changes about a quarter of a round's worth, old and new ones alike. */
  private List<Mutation> changes(Random random) {
    List<HoldId> ids =
        expected.keySet().stream().sorted(Comparator.comparingLong(HoldId::low)).toList();
    List<Mutation> mutations = new ArrayList<>();
    Set<HoldId> touched = new HashSet<>();
    for (int i = 0; i < MOST_A_ROUND / 4; i++) {
      int newest = random.nextBoolean() ? Math.min(ids.size(), 50) : ids.size();
      HoldId id = ids.get(ids.size() - 1 - random.nextInt(newest));
      if (touched.add(id)) {
        mutations.add(change(random, id));
      }
    }
    return mutations;
  }

  private Mutation change(Random random, HoldId id) {
    if (random.nextInt(3) > 0) {
      HoldKind kind = KINDS.get(random.nextInt(KINDS.size()));
      long wakeAtMs = random.nextInt(1_000);
      expected.put(id, new HoldEntry(id, QUEUE, kind, 0, wakeAtMs, Bytes.EMPTY));
      return new Mutation.Reschedule(id, kind, wakeAtMs, Bytes.EMPTY);
    }
    expected.remove(id);
    decided.add(id);
    return random.nextBoolean() ? new Mutation.Release(id) : new Mutation.Discard(id);
  }

  private void check(Storage storage) {
    for (HoldKind kind : KINDS) {
      List<HoldId> live =
          expected.values().stream()
              .filter(entry -> entry.kind() == kind)
              .map(HoldEntry::id)
              .sorted()
              .toList();
      assertThat(scanned(storage, kind)).containsExactlyElementsOf(live);
      assertThat(storage.escrow().counts().get(new HoldGroup(kind, QUEUE.topic())))
          .isEqualTo(live.size());
      assertThat(due(storage, kind, 500)).containsExactlyElementsOf(dueOnes(kind, 500));
    }
    for (HoldId id : decided) {
      assertThat(storage.escrow().get(id)).isEmpty();
      assertThat(storage.escrow().status(id)).isNotEqualTo(HoldStatus.UNKNOWN);
    }
    expected.forEach((id, entry) ->
        assertThat(storage.escrow().get(id).orElseThrow().entry().wakeAtMs())
            .isEqualTo(entry.wakeAtMs()));
  }

  private List<HoldId> dueOnes(HoldKind kind, long beforeMs) {
    return expected.values().stream()
        .filter(entry -> entry.kind() == kind && entry.wakeAtMs() < beforeMs)
        .sorted(Comparator.comparingLong(HoldEntry::wakeAtMs).thenComparing(HoldEntry::id))
        .map(HoldEntry::id)
        .toList();
  }

  private static List<HoldId> scanned(Storage storage, HoldKind kind) {
    List<HoldId> all = new ArrayList<>();
    Optional<HoldId> after = Optional.empty();
    List<HoldEntry> page = storage.escrow().scan(kind, after, PAGE);
    while (!page.isEmpty()) {
      page.forEach(entry -> all.add(entry.id()));
      after = Optional.of(page.getLast().id());
      page = storage.escrow().scan(kind, after, PAGE);
    }
    return all;
  }

  private static List<HoldId> due(Storage storage, HoldKind kind, long beforeMs) {
    List<HoldId> all = new ArrayList<>();
    List<HoldEntry> page = storage.escrow().due(kind, Optional.empty(), beforeMs, PAGE);
    while (!page.isEmpty()) {
      page.forEach(entry -> all.add(entry.id()));
      page = storage.escrow().due(kind, Optional.of(page.getLast()), beforeMs, PAGE);
    }
    return all;
  }

  private static void write(Storage storage, List<Mutation> mutations) {
    assertThat(
            storage
                .write(new WriteBatch(mutations, Optional.empty()))
                .toCompletableFuture()
                .join()
                .applied())
        .isTrue();
  }
}
