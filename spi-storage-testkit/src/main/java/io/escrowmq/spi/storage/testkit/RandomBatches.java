package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random batches over a small world, so that their mutations meet often. Not thread-safe. */
final class RandomBatches {

  static final List<QueueId> QUEUES =
      List.of(
          new QueueId("alpha", 0),
          new QueueId("alpha", 1),
          new QueueId("beta", 0),
          new QueueId("x".repeat(200), 2),
          new QueueId("%RETRY%gamma", 0),
          new QueueId("restored", 0),
          new QueueId("restored", 1));

  /** The first queues are written as usual, the others only get what another store had. */
  private static final int LIVE_QUEUES = 5;

  static final List<String> TABLES = List.of("t", "t-2");
  static final List<String> KEYS = List.of("k0", "k1", "k2", "k3", "k4");
  static final String SCOPE = "model";
  static final int IDS = 40;

  private static final int ROWS = 12;

  private final Random random;
  private long serial;

  RandomBatches(Random random) {
    this.random = random;
  }

  /** The next batch: mostly small, sometimes with preconditions. */
  PlannedBatch next() {
    int size = random.nextInt(10) == 0 ? 1 + random.nextInt(40) : 1 + random.nextInt(4);
    List<Mutation> mutations = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      mutations.add(change());
    }
    if (random.nextInt(4) == 0) {
      mutations.add(random.nextInt(mutations.size() + 1), precondition());
    }
    return new PlannedBatch(mutations);
  }

  /** Any of the ids. */
  HoldId id() {
    return idOf(random.nextInt(IDS));
  }

  /** The n-th id; both halves vary, and the order of the ids is not the order of their numbers. */
  static HoldId idOf(int number) {
    return new HoldId(number % 7 - 3, number * 0x9E3779B97F4A7C15L);
  }

  private Mutation change() {
    return switch (random.nextInt(22)) {
      case 0, 1, 2, 3, 4 -> {
        QueueId queue = queue();
        yield new Mutation.Append(queue, message(queue));
      }
      case 5, 6, 7, 8, 9 -> {
        QueueId queue = queue();
        yield new Mutation.Hold(id(), queue, message(queue), kind(), wakeAtMs(), attributes());
      }
      case 10, 11, 12 -> new Mutation.Release(id());
      case 13 -> new Mutation.Discard(id());
      case 14, 15 -> new Mutation.Reschedule(id(), kind(), wakeAtMs(), attributes());
      case 16, 17 -> new Mutation.Put(table(), row(), attributes());
      case 18 -> new Mutation.Delete(table(), row());
      case 19, 20 -> restore();
      default ->
          random.nextInt(4) == 0
              ? new Mutation.Trim(queue(), random.nextInt(200))
              : new Mutation.Put(table(), row(), Bytes.utf8("p" + serial++));
    };
  }

  private Mutation restore() {
    QueueId restored = QUEUES.get(random.nextInt(LIVE_QUEUES, QUEUES.size()));
    long pastMs = ManualTimeSource.START_MS - 1_000_000 + serial++;
    return switch (random.nextInt(8)) {
      case 0 -> new Mutation.Restore.Begin(restored, random.nextLong(3L << 32));
      case 1 -> new Mutation.Restore.Begin(queue(), random.nextInt(3));
      case 2, 3 -> {
        QueueId queue = queue();
        HoldEntry entry = new HoldEntry(id(), queue, kind(), pastMs, wakeAtMs(), attributes());
        yield new Mutation.Restore.Held(entry, message(queue));
      }
      case 4 -> {
        HoldStatus.State state =
            random.nextBoolean() ? HoldStatus.State.RELEASED : HoldStatus.State.DISCARDED;
        long offset = state == HoldStatus.State.RELEASED ? random.nextInt(100) : -1;
        yield new Mutation.Restore.Decided(id(), new HoldStatus(state, offset, -1, pastMs));
      }
      default ->
          new Mutation.Restore.Visible(
              restored, message(restored).stamped(random.nextLong(), random.nextLong(), pastMs));
    };
  }

  private Mutation precondition() {
    return switch (random.nextInt(6)) {
      case 0 -> new Mutation.Require(table(), row(), Mutation.Require.ABSENT);
      case 1, 2 -> new Mutation.Require(table(), row(), PlannedBatch.CURRENT);
      case 3, 4 -> new Mutation.RequireHeld(id());
      default -> new Mutation.Fence(SCOPE, random.nextInt(3) == 0 ? 999 : PlannedBatch.CURRENT);
    };
  }

  private Message message(QueueId queue) {
    String text = "m" + serial++;
    String keys =
        switch (random.nextInt(3)) {
          case 0 -> "";
          case 1 -> KEYS.get(random.nextInt(KEYS.size()));
          default ->
              KEYS.get(random.nextInt(KEYS.size())) + " " + KEYS.get(random.nextInt(KEYS.size()));
        };
    int padding = random.nextInt(50) == 0 ? random.nextInt(100_000) : random.nextInt(50);
    return SampleMessages.indexed(queue, text + "-".repeat(padding), keys, "u" + text);
  }

  private QueueId queue() {
    return QUEUES.get(random.nextInt(LIVE_QUEUES));
  }

  private HoldKind kind() {
    return HoldKind.ofCode(1 + random.nextInt(HoldKind.values().length));
  }

  private long wakeAtMs() {
    return random.nextInt(8) == 0
        ? Mutation.Hold.NEVER
        : ManualTimeSource.START_MS + random.nextInt(50);
  }

  private Bytes attributes() {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return Bytes.of(bytes);
  }

  private String table() {
    return TABLES.get(random.nextInt(TABLES.size()));
  }

  private Bytes row() {
    return Bytes.utf8("r" + random.nextInt(ROWS));
  }
}
