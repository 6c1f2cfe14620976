package io.escrowmq.storage.commitlog.views;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.storage.commitlog.log.IndexKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and decisions on their way from memory to the database, compared with plain collections. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class YoungViewsTest {

  private static final QueueId QUEUE = new QueueId("t", 0);
  private static final long DAY_MS = Duration.ofDays(1).toMillis();
  private static final long START_MS = 20_000 * DAY_MS - 5_000;
  private static final int HASHES = 40;

  /** More than what a checkpoint brings along by itself. */
  private static final int MANY = 12_000;

  @TempDir Path directory;

  private Views views;
  private final List<Key> keys = new ArrayList<>();
  private final TreeMap<HoldId, Decision> decisions =
      new TreeMap<>(
          Comparator.comparing(HoldId::high, Long::compareUnsigned)
              .thenComparing(HoldId::low, Long::compareUnsigned));
  private long position = 1;

  private record Key(long hash, long timeMs, long position) {}

  @BeforeEach
  void open() {
    views = Views.open(directory, at -> 0);
  }

  @AfterEach
  void close() {
    views.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatIsFoundDoesNotDependOnWhereItIs(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 25; step++) {
      switch (random.nextInt(8)) {
        case 0 -> checkpoint();
        case 1, 2 -> views.isReadyForCheckpoint();
        case 3 -> add(random, MANY);
        default -> add(random, random.nextInt(50));
      }
      forgetSome(random);
      for (int i = 0; i < 5; i++) {
        compareKeys(random);
      }
      compareDecisions(random);
    }
  }

  @Test
  void aReaderMissesNothingWhileRowsGoToTheDatabase() {
    Random random = new Random(7);
    AtomicInteger known = new AtomicInteger();
    CompletableFuture<Integer> reader =
        CompletableFuture.supplyAsync(() -> {
          Random choice = new Random(8);
          int lookUps = 0;
          while (known.get() >= 0) {
            int count = known.get();
            if (count > 0) {
              HoldId id = id(choice.nextInt(count));
              assertThat(views.holds().decision(id)).as("%s of %d", id, count).isPresent();
              lookUps++;
            }
          }
          return lookUps;
        });
    for (int round = 0; round < 6; round++) {
      for (int i = 0; i < MANY / 100; i++) {
        int first = known.get();
        for (int k = 0; k < 100; k++) {
          views.stage(new Effect.Remembered(id(first + k), decision(random), Optional.empty()));
        }
        views.publish();
        known.set(first + 100);
      }
      Awaitility.await().until(views::isReadyForCheckpoint);
      checkpoint();
    }
    known.set(-1);
    assertThat(reader.join()).isGreaterThan(1000);
  }

  @Test
  void onlyACheckpointSurvives() {
    add(new Random(1), MANY);
    Awaitility.await().until(views::isReadyForCheckpoint);
    checkpoint();
    int kept = decisions.size();
    assertThat(decided(Optional.empty(), MANY * 2)).hasSize(kept);
    add(new Random(2), MANY);
    Awaitility.await().until(views::isReadyForCheckpoint);
    assertThat(decided(Optional.empty(), MANY * 2)).hasSize(decisions.size());
    views.close();
    views = Views.open(directory, at -> 0);
    assertThat(decided(Optional.empty(), MANY * 2)).hasSize(kept);
  }

  @Test
  void memoryIsBounded() {
    YoungRows rows = YoungRows.plain(1, 1 << 13);
    for (int i = 0; !rows.isFull(); i++) {
      assertThat(rows.isCrowded()).isEqualTo(i > 1 << 12);
      rows.add(i, i);
    }
    assertThat(rows.size()).isEqualTo(1 << 13);
    int[] seen = {0};
    rows.forEach(row -> ++seen[0] > 0);
    assertThat(seen[0]).as("not shown yet").isZero();
    rows.show();
    rows.forEach(row -> rows.get(row, 0) == seen[0]++);
    assertThat(seen[0]).isEqualTo(1 << 13);
  }

  private void add(Random random, int count) {
    QueueState queue = views.queues().findOrCreate(QUEUE, 1);
    for (int i = 0; i < count; i++) {
      Key key = new Key(random.nextInt(HASHES) * 7919L, time(random), position++);
      keys.add(key);
      views.stage(
          new Effect.Visible(
              queue,
              queue.takeOffset(),
              key.position(),
              new BodyRef(key.position(), 0, 1),
              key.timeMs(),
              IndexKeys.wrap(new long[] {key.hash()})));
      HoldId id = new HoldId(random.nextLong(), random.nextInt(10));
      Decision decision = decision(random);
      decisions.put(id, decision);
      views.stage(new Effect.Remembered(id, decision, Optional.empty()));
    }
    views.publish();
  }

  /** An expired decision goes when its id is held again, wherever it is by then. */
  private void forgetSome(Random random) {
    List<HoldId> ids = List.copyOf(decisions.keySet());
    for (int i = 0; i < Math.min(3, ids.size()); i++) {
      HoldId id = ids.get(random.nextInt(ids.size()));
      Decision old = decisions.remove(id);
      if (old == null) {
        continue;
      }
      HoldRow row =
          new HoldRow(
              QUEUE,
              HoldKind.TRANSACTION,
              1,
              1,
              Bytes.wrap(new byte[0]),
              new BodyRef(1, 0, 1),
              IndexKeys.NONE);
      views.stage(new Effect.Held(id, row, Optional.of(old)));
      views.publish();
      assertThat(views.holds().decision(id).filter(found -> !found.equals(old))).isEmpty();
      if (random.nextBoolean()) {
        Decision again = decision(random);
        decisions.put(id, again);
        views.stage(new Effect.Discarded(id, row, again));
        views.publish();
      }
    }
  }

  private void compareKeys(Random random) {
    long hash = random.nextInt(HASHES) * 7919L;
    long fromMs = random.nextBoolean() ? 0 : time(random);
    long toMs = random.nextBoolean() ? Long.MAX_VALUE : time(random);
    int limit = 1 + random.nextInt(400);
    List<Key> expected =
        keys.stream()
            .filter(key -> key.hash() == hash && key.timeMs() >= fromMs && key.timeMs() <= toMs)
            .sorted(
                Comparator.comparingLong(Key::timeMs).thenComparingLong(Key::position).reversed())
            .toList();
    List<Long> found = new ArrayList<>();
    Optional<Bytes> cursor = Optional.empty();
    int before = -1;
    while (found.size() != before) {
      before = found.size();
      Bytes[] last = {null};
      int end = before + limit;
      views
          .keys()
          .find(
              hash,
              fromMs,
              toMs,
              cursor,
              (at, next) -> {
                found.add(at);
                last[0] = next;
                return found.size() < end;
              });
      cursor = Optional.ofNullable(last[0]).or(Optional::empty);
      if (cursor.isEmpty()) {
        break;
      }
    }
    assertThat(found).isEqualTo(expected.stream().map(Key::position).toList());
  }

  private void compareDecisions(Random random) {
    decisions.entrySet().stream()
        .skip(decisions.isEmpty() ? 0 : random.nextInt(decisions.size()))
        .limit(20)
        .forEach(
            entry -> assertThat(views.holds().decision(entry.getKey())).contains(entry.getValue()));
    List<HoldId> ids = List.copyOf(decisions.keySet());
    Optional<HoldId> after =
        ids.isEmpty() || random.nextBoolean()
            ? Optional.empty()
            : Optional.of(ids.get(random.nextInt(ids.size())));
    int limit = 1 + random.nextInt(500);
    Map<HoldId, Decision> rest =
        after.<Map<HoldId, Decision>>map(id -> decisions.tailMap(id, false)).orElse(decisions);
    assertThat(decided(after, limit))
        .extracting(DecidedHold::id)
        .isEqualTo(rest.keySet().stream().limit(limit).toList());
  }

  private List<DecidedHold> decided(Optional<HoldId> after, int limit) {
    return views.holds().decided(after, 0, limit);
  }

  private void checkpoint() {
    views.checkpoint(new Views.Checkpoint(1, position, START_MS), true);
  }

  private static HoldId id(int number) {
    return new HoldId(number * 0x9E3779B97F4A7C15L, number);
  }

  private static long time(Random random) {
    return START_MS + random.nextInt(10_000);
  }

  private static Decision decision(Random random) {
    boolean released = random.nextBoolean();
    return new Decision(
        released, released ? random.nextInt(9) : -1, released ? 5 : -1, time(random));
  }
}
