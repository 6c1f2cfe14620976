package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * The batches that one thread of the crash test writes: the child JVM writes them, the parent
 * repeats the plan from the same seed to know what they were. Every append, hold and row carries a
 * marker of its own, so that each leaves evidence. Only holds that are certainly acknowledged are
 * decided, and each by one batch. Not thread-safe.
 */
final class CrashPlan {

  /** Most batches that a thread has in flight. */
  static final int IN_FLIGHT = 8;

  static final String TABLE = "crash";
  static final List<QueueId> QUEUES =
      List.of(
          new QueueId("crash-a", 0),
          new QueueId("crash-a", 1),
          new QueueId("crash-b", 0),
          new QueueId("crash-c", 7));

  private static final int AGE = 2 * IN_FLIGHT;

  private final Random random;
  private final Durability weakest;
  private final String name;
  private final long idBase;
  private final Deque<Aged> undecided = new ArrayDeque<>();
  private final Deque<Aged> decided = new ArrayDeque<>();
  private int index = -1;
  private int serial;

  /**
   * A plan from its beginning.
   *
   * @param inherited ids held by earlier rounds that this thread may decide
   * @param weakest durability of batches that only reschedule
   */
  CrashPlan(long seed, int round, int thread, List<HoldId> inherited, Durability weakest) {
    this.weakest = weakest;
    this.random = new Random(seed * 1_000_003 + round * 31L + thread);
    this.name = round + "." + thread;
    this.idBase = ((long) round << 40) + ((long) thread << 32);
    inherited.forEach(id -> undecided.add(new Aged(id, -AGE)));
  }

  /** The next batch. */
  WriteBatch next() {
    index++;
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> durable(appends());
      case 3, 4 -> durable(holds());
      case 5, 6 -> durable(decisions());
      case 7 -> durable(everything());
      case 8 -> new WriteBatch(reschedule(), Optional.of(weakest));
      default -> durable(lateDecisions());
    };
  }

  /** The queue of a hold. */
  static QueueId queueOf(HoldId id) {
    return QUEUES.get(Math.floorMod(Long.hashCode(id.low()), QUEUES.size()));
  }

  /** The message of a hold. */
  static Message messageOf(HoldId id) {
    int padding = Math.floorMod(id.low() * 31, 100);
    return SampleMessages.message(queueOf(id), "h" + id + "|" + "-".repeat(padding * padding / 4));
  }

  /** What identifies a message: its body up to the padding. */
  static String markerOf(Message message) {
    String text = SampleMessages.textOf(message);
    return text.substring(0, text.indexOf('|'));
  }

  private List<Mutation> appends() {
    List<Mutation> mutations = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      mutations.add(append());
    }
    return mutations;
  }

  private List<Mutation> holds() {
    List<Mutation> mutations = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      mutations.add(hold());
    }
    return mutations;
  }

  private List<Mutation> decisions() {
    List<Mutation> mutations = new ArrayList<>();
    int size = 1 + random.nextInt(3);
    while (mutations.size() < size && hasOld(undecided)) {
      mutations.add(decision());
    }
    if (mutations.isEmpty()) {
      return holds();
    }
    return mutations;
  }

  private List<Mutation> everything() {
    List<Mutation> mutations = new ArrayList<>();
    mutations.add(append());
    mutations.add(hold());
    mutations.add(new Mutation.Put(TABLE, Bytes.utf8("row " + marker()), Bytes.utf8("x")));
    while (mutations.size() < 6 && hasOld(undecided)) {
      HoldId id = undecided.getFirst().id();
      mutations.add(0, new Mutation.RequireHeld(id));
      mutations.add(decision());
    }
    mutations.add(append());
    return mutations;
  }

  private List<Mutation> reschedule() {
    if (!hasOld(undecided)) {
      return appends();
    }
    HoldId id = undecided.getFirst().id();
    Bytes attributes = Bytes.utf8("rescheduled " + marker());
    return List.of(new Mutation.Reschedule(id, HoldKind.DELAY, random.nextInt(1_000), attributes));
  }

  private List<Mutation> lateDecisions() {
    List<Mutation> mutations = new ArrayList<>();
    mutations.add(append());
    for (Aged candidate : decided) {
      if (isOld(candidate) && mutations.size() < 3) {
        HoldId id = candidate.id();
        mutations.add(random.nextBoolean() ? new Mutation.Release(id) : new Mutation.Discard(id));
      }
    }
    return mutations;
  }

  private Mutation append() {
    QueueId queue = QUEUES.get(random.nextInt(QUEUES.size()));
    int padding = random.nextInt(30) == 0 ? random.nextInt(40_000) : random.nextInt(200);
    String text = "a" + marker() + "|" + "+".repeat(padding);
    return new Mutation.Append(queue, SampleMessages.message(queue, text));
  }

  private Mutation hold() {
    HoldId id = new HoldId(random.nextLong(), idBase + serial++);
    undecided.add(new Aged(id, index));
    Bytes attributes = Bytes.utf8("held " + marker());
    HoldKind kind = random.nextBoolean() ? HoldKind.TRANSACTION : HoldKind.DELAY;
    return new Mutation.Hold(
        id, queueOf(id), messageOf(id), kind, random.nextInt(1_000), attributes);
  }

  private Mutation decision() {
    HoldId id = undecided.removeFirst().id();
    decided.addFirst(new Aged(id, index));
    if (decided.size() > 50) {
      decided.removeLast();
    }
    return random.nextInt(3) == 0 ? new Mutation.Discard(id) : new Mutation.Release(id);
  }

  private boolean hasOld(Deque<Aged> ids) {
    return !ids.isEmpty() && isOld(ids.getFirst());
  }

  private boolean isOld(Aged id) {
    return id.since() <= index - AGE;
  }

  private String marker() {
    return name + "." + index + "." + serial++;
  }

  private static WriteBatch durable(List<Mutation> mutations) {
    return WriteBatch.of(mutations.toArray(Mutation[]::new));
  }

  private record Aged(HoldId id, int since) {}
}
