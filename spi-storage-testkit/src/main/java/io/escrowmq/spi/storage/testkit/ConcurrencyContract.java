package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.Outcome.Result;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Many threads do everything at once; what they were told must fit together afterwards. */
public abstract class ConcurrencyContract extends StorageContract {

  private static final int THREADS = 6;
  private static final int STEPS = 250;
  private static final int IDS = 120;
  private static final List<QueueId> QUEUES = List.of(ORDERS, ORDERS_1, PAYMENTS);

  private final Map<String, Outcome> visible = new ConcurrentHashMap<>();
  private final Map<HoldId, Outcome> decisions = new ConcurrentHashMap<>();
  private final Set<HoldId> held = ConcurrentHashMap.newKeySet();

  @Test
  void whatThreadsWereToldFitsTogether() {
    long seed = Seeds.seed("ConcurrencyContract");
    ParallelRun.of(
        THREADS,
        thread -> {
          Random random = new Random(seed + thread);
          for (int step = 0; step < STEPS; step++) {
            act(random, thread + "." + step);
          }
        });
    checkAll();
    if (engine().persistent()) {
      fixture().reopen();
      checkAll();
    }
  }

  private void act(Random random, String marker) {
    QueueId queue = QUEUES.get(random.nextInt(QUEUES.size()));
    HoldId id = id(1 + random.nextInt(IDS));
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> plain(queue, marker);
      case 3, 4, 5 -> holdOnce(id);
      case 6 -> decide(new Mutation.Release(id), id, marker);
      case 7 -> decide(new Mutation.Discard(id), id, marker);
      case 8 -> {
        long wakeAtMs = random.nextInt(1_000);
        write(new Mutation.Reschedule(id, HoldKind.PARKED, wakeAtMs, Bytes.utf8(marker)));
      }
      default -> look(random, queue, id);
    }
  }

  private void plain(QueueId queue, String marker) {
    Outcome outcome = append(queue, marker);
    visible.put(queue + "@" + marker, outcome);
  }

  private void holdOnce(HoldId id) {
    QueueId queue = queueOf(id);
    Result result = write(holdOf(id, queue, id.toString())).outcome(0).result();
    if (result == Result.APPLIED) {
      assertThat(held.add(id)).as("second hold of %s took effect", id).isTrue();
    }
  }

  private void decide(Mutation decision, HoldId id, String marker) {
    WriteReceipt receipt = write(decision, putOf("decided by", marker));
    Outcome outcome = receipt.outcome(0);
    switch (outcome.result()) {
      case APPLIED ->
          assertThat(decisions.put(id, outcome)).as("second decision about %s", id).isNull();
      case ALREADY_RELEASED -> {
        Outcome release = decisions.get(id);
        if (release != null) {
          assertThat(outcome.queueOffset()).isEqualTo(release.queueOffset());
          assertThat(outcome.position()).isEqualTo(release.position());
        }
      }
      case ALREADY_DISCARDED, UNKNOWN -> assertThat(outcome.queueOffset()).isEqualTo(-1);
      default -> throw new AssertionError("unexpected answer to a decision: " + outcome);
    }
  }

  private void look(Random random, QueueId queue, HoldId id) {
    long max = bounds(queue).max();
    if (max > 0) {
      List<Message> all = readAll(queue);
      assertThat(all).hasSizeGreaterThanOrEqualTo((int) max);
    }
    HoldStatus status = storage().escrow().status(id);
    if (status.state() == HoldStatus.State.RELEASED) {
      assertThat(storage().log().at(status.position()))
          .map(SampleMessages::textOf)
          .contains(id.toString());
    }
    if (random.nextInt(20) == 0) {
      storage().maintenance().checkpoint();
    }
  }

  private void checkAll() {
    Set<String> seen = new HashSet<>();
    int released = 0;
    for (QueueId queue : QUEUES) {
      for (Message message : readAll(queue)) {
        String text = SampleMessages.textOf(message);
        assertThat(seen.add(text)).as("%s is visible twice", text).isTrue();
        Outcome expected = visible.get(queue + "@" + text);
        if (expected == null) {
          expected = decisions.get(HoldId.parse(text));
          released++;
        }
        assertThat(expected).isEqualTo(Outcome.appended(message.queueOffset(), message.position()));
      }
    }
    assertThat(seen).hasSize(visible.size() + released);
    int live = 0;
    for (long number = 1; number <= IDS; number++) {
      HoldId id = id(number);
      HoldStatus.State state = storage().escrow().status(id).state();
      assertThat(state).as("%s", id).isEqualTo(expectedState(id));
      live += state == HoldStatus.State.HELD ? 1 : 0;
    }
    assertThat(storage().escrow().counts().values().stream().mapToLong(n -> n).sum())
        .isEqualTo(live);
    int scanned = 0;
    for (HoldKind kind : HoldKind.values()) {
      scanned += storage().escrow().scan(kind, Optional.empty(), IDS).size();
    }
    assertThat(scanned).isEqualTo(live);
  }

  private HoldStatus.State expectedState(HoldId id) {
    Outcome decision = decisions.get(id);
    if (decision != null) {
      return decision.queueOffset() >= 0 ? HoldStatus.State.RELEASED : HoldStatus.State.DISCARDED;
    }
    return held.contains(id) ? HoldStatus.State.HELD : HoldStatus.State.UNKNOWN;
  }

  private static QueueId queueOf(HoldId id) {
    return QUEUES.get((int) (id.low() % QUEUES.size()));
  }
}
