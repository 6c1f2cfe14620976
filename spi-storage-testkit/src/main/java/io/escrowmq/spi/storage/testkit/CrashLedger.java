package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must be in a store that was killed: facts from acknowledgements, and what earlier recoveries
 * showed. Compared with the store after each kill.
 *
 * <p>Where acknowledged batches may be lost, they are counted, and the rest must be as if the later
 * ones had never been written: no batch of a thread is there without those that it wrote earlier.
 */
final class CrashLedger {

  private static final int PAGE = 500;

  private final Map<String, Place> visible = new HashMap<>();
  private final Map<HoldId, Bytes> held = new HashMap<>();
  private final Map<HoldId, HoldStatus.State> decided = new HashMap<>();
  private final Set<Bytes> rows = new HashSet<>();
  private final boolean lossAllowed;
  private int lost;

  /** Nothing may be lost. */
  CrashLedger() {
    this(false);
  }

  CrashLedger(boolean lossAllowed) {
    this.lossAllowed = lossAllowed;
  }

  /** Where a message is. */
  record Place(QueueId queue, long offset, long position) {}

  /** Ids that are held, for the next round. */
  List<HoldId> heldIds() {
    return held.keySet().stream().sorted().toList();
  }

  int visibleMessages() {
    return visible.size();
  }

  /** Acknowledged batches that were not there. */
  int lostBatches() {
    return lost;
  }

  /** Checks the store after a round, and learns which unacknowledged batches made it. */
  void check(Storage storage, CrashReport report, int threads, CrashPlanSource plans) {
    Map<String, Place> found = readEverything(storage);
    for (int thread = 0; thread < threads; thread++) {
      CrashPlan plan = plans.planOf(thread);
      int firstLost = Integer.MAX_VALUE;
      for (int index = 0; index < report.attempts(thread); index++) {
        List<Mutation> batch = plan.next().mutations();
        Optional<List<Outcome>> receipt = report.receipt(thread, index);
        String what = "batch " + index + " of thread " + thread;
        Fate fate = judge(what, storage, found, batch, receipt);
        if (fate == Fate.LOST) {
          firstLost = Math.min(firstLost, index);
          lost++;
        } else if (fate == Fate.KEPT && index > firstLost) {
          throw new AssertionError(
              what
                  + " is there, but its batch "
                  + firstLost
                  + " is lost: a hole, not a shorter log");
        }
      }
    }
    checkVisible(found);
    for (CrashReport.View view : report.views()) {
      if (lossAllowed && !found.containsKey(view.marker())) {
        continue;
      }
      Place place = placeOf(found, view.marker());
      assertThat(place.queue()).isEqualTo(view.queue());
      assertThat(place.offset()).isEqualTo(view.offset());
    }
    checkHolds(storage);
    for (Bytes row : rows) {
      assertThat(storage.tables().get(CrashPlan.TABLE, row)).as("row %s", row.asUtf8()).isPresent();
    }
  }

  private void checkVisible(Map<String, Place> found) {
    assertThat(found.keySet().stream().filter(marker -> !visible.containsKey(marker)).limit(10))
        .as("visible, but never attempted or not decided")
        .isEmpty();
    assertThat(
            visible.entrySet().stream()
                .filter(fact -> !fact.getValue().equals(found.get(fact.getKey())))
                .limit(10))
        .as("acknowledged or seen before, and now lost or moved")
        .isEmpty();
  }

  /** Every message of every queue, dense, none twice. */
  private static Map<String, Place> readEverything(Storage storage) {
    Map<String, Place> found = new HashMap<>();
    for (QueueId queue : CrashPlan.QUEUES) {
      for (Message message : StorageContract.readAll(storage, queue)) {
        Place place = new Place(queue, message.queueOffset(), message.position());
        Place other = found.put(CrashPlan.markerOf(message), place);
        assertThat(other).as("second copy of %s at %s", message, place).isNull();
      }
    }
    return found;
  }

  /** What became of a batch. */
  private enum Fate {
    KEPT,
    /** Not there, and never acknowledged. */
    ABSENT,
    /** Not there although it was acknowledged. */
    LOST,
    /** Leaves no evidence of its own. */
    UNKNOWN
  }

  private Fate judge(
      String what,
      Storage storage,
      Map<String, Place> found,
      List<Mutation> batch,
      Optional<List<Outcome>> receipt) {
    Set<Boolean> evidence = new HashSet<>();
    for (Mutation mutation : batch) {
      evidenceOf(mutation, storage, found).ifPresent(evidence::add);
    }
    assertThat(evidence)
        .as("%s must have happened whole or not at all: %s", what, batch)
        .hasSizeLessThan(2);
    if (receipt.isPresent() && !lossAllowed) {
      assertThat(evidence).as("%s was acknowledged: %s", what, batch).doesNotContain(false);
    }
    if (evidence.contains(false)) {
      return receipt.isPresent() ? Fate.LOST : Fate.ABSENT;
    }
    for (int i = 0; i < batch.size(); i++) {
      Outcome outcome = receipt.isPresent() ? receipt.get().get(i) : null;
      learn(batch.get(i), outcome, storage, found);
    }
    return evidence.isEmpty() ? Fate.UNKNOWN : Fate.KEPT;
  }

  /** Whether a mutation that leaves a trace of its own has left it. */
  private Optional<Boolean> evidenceOf(
      Mutation mutation, Storage storage, Map<String, Place> found) {
    return switch (mutation) {
      case Mutation.Append append ->
          Optional.of(found.containsKey(CrashPlan.markerOf(append.message())));
      case Mutation.Hold hold -> Optional.of(state(storage, hold.id()) != HoldStatus.State.UNKNOWN);
      case Mutation.Release release when held.containsKey(release.id()) ->
          Optional.of(state(storage, release.id()) == HoldStatus.State.RELEASED);
      case Mutation.Discard discard when held.containsKey(discard.id()) ->
          Optional.of(state(storage, discard.id()) == HoldStatus.State.DISCARDED);
      case Mutation.Put put ->
          Optional.of(storage.tables().get(put.table(), put.key()).isPresent());
      default -> Optional.empty();
    };
  }

  private void learn(
      Mutation mutation, @Nullable Outcome outcome, Storage storage, Map<String, Place> found) {
    switch (mutation) {
      case Mutation.Append append ->
          learnVisible(CrashPlan.markerOf(append.message()), outcome, found);
      case Mutation.Hold hold -> held.put(hold.id(), hold.attributes());
      case Mutation.Release release ->
          learnDecision(release.id(), HoldStatus.State.RELEASED, outcome, found);
      case Mutation.Discard discard ->
          learnDecision(discard.id(), HoldStatus.State.DISCARDED, outcome, found);
      case Mutation.Reschedule change -> learnReschedule(change, outcome, storage);
      case Mutation.Put put -> rows.add(put.key());
      default -> {
        // Preconditions leave nothing behind.
      }
    }
  }

  private void learnVisible(String marker, @Nullable Outcome outcome, Map<String, Place> found) {
    Place place = placeOf(found, marker);
    if (outcome != null) {
      assertThat(outcome)
          .as("acknowledged address of %s", marker)
          .isEqualTo(Outcome.appended(place.offset(), place.position()));
    }
    visible.put(marker, place);
  }

  private void learnDecision(
      HoldId id, HoldStatus.State state, @Nullable Outcome outcome, Map<String, Place> found) {
    if (held.remove(id) != null) {
      decided.put(id, state);
      if (state == HoldStatus.State.RELEASED) {
        learnVisible("h" + id, outcome, found);
      }
    } else if (outcome != null && !lossAllowed) {
      assertThat(outcome).as("answer to a late decider about %s", id).isEqualTo(lateAnswer(id));
    }
  }

  private Outcome lateAnswer(HoldId id) {
    if (decided.get(id) == HoldStatus.State.DISCARDED) {
      return Outcome.of(Outcome.Result.ALREADY_DISCARDED);
    }
    Place place = placeOf(visible, "h" + id);
    return new Outcome(Outcome.Result.ALREADY_RELEASED, place.offset(), place.position());
  }

  /** An unacknowledged reschedule may have happened or not: the store says which. */
  private void learnReschedule(
      Mutation.Reschedule change, @Nullable Outcome outcome, Storage storage) {
    boolean happened =
        (outcome != null && !lossAllowed)
            || storage
                .escrow()
                .get(change.id())
                .filter(found -> found.entry().attributes().equals(change.attributes()))
                .isPresent();
    if (happened && held.containsKey(change.id())) {
      held.put(change.id(), change.attributes());
    }
  }

  private static Place placeOf(Map<String, Place> places, String marker) {
    Place place = places.get(marker);
    if (place == null) {
      throw new AssertionError("message " + marker + " was visible or acknowledged, and is lost");
    }
    return place;
  }

  private void checkHolds(Storage storage) {
    held.forEach((id, attributes) -> {
      HeldMessage hold =
          storage
              .escrow()
              .get(id)
              .orElseThrow(() ->
                  new AssertionError("hold " + id + " is lost: " + storage.escrow().status(id)));
      assertThat(hold.entry().attributes()).as("attributes of %s", id).isEqualTo(attributes);
      assertThat(SampleMessages.unstamped(hold.message()).equals(CrashPlan.messageOf(id)))
          .as("message of hold %s", id)
          .isTrue();
    });
    decided.forEach(
        (id, state) -> assertThat(state(storage, id)).as("decision about %s", id).isEqualTo(state));
    Set<HoldId> scanned = new HashSet<>();
    for (HoldKind kind : HoldKind.values()) {
      scanned.addAll(scan(storage, kind));
    }
    assertThat(scanned).as("holds in the store").isEqualTo(held.keySet());
    assertThat(storage.escrow().counts().values().stream().mapToLong(n -> n).sum())
        .isEqualTo(held.size());
  }

  private static List<HoldId> scan(Storage storage, HoldKind kind) {
    List<HoldId> all = new ArrayList<>();
    Optional<HoldId> after = Optional.empty();
    while (true) {
      List<HoldEntry> page = storage.escrow().scan(kind, after, PAGE);
      page.forEach(entry -> all.add(entry.id()));
      if (page.isEmpty()) {
        return all;
      }
      after = Optional.of(page.getLast().id());
    }
  }

  private static HoldStatus.State state(Storage storage, HoldId id) {
    return storage.escrow().status(id).state();
  }

  /** Where the plan of a thread comes from. */
  interface CrashPlanSource {
    CrashPlan planOf(int thread);
  }
}
