package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.Outcome.Result;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteReceipt;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Hold, release, discard: exactly one decision per id, remembered, and nothing visible before it.
 */
public abstract class HoldContract extends StorageContract {

  private static final Outcome HELD_ALREADY = Outcome.of(Result.ALREADY_HELD);
  private static final Outcome DISCARDED = Outcome.of(Result.ALREADY_DISCARDED);
  private static final Outcome UNKNOWN = Outcome.of(Result.UNKNOWN);

  @Test
  void aHeldMessageIsKeptAndInvisible() {
    Mutation.Hold hold = holdOf(id(1), ORDERS, "secret");
    assertThat(apply(hold)).isEqualTo(Outcome.APPLIED);

    assertThat(bounds(ORDERS).max()).isZero();
    HeldMessage held = storage().escrow().get(id(1)).orElseThrow();
    assertThat(SampleMessages.unstamped(held.message())).isEqualTo(hold.message());
    assertThat(held.entry())
        .isEqualTo(
            new HoldEntry(
                id(1),
                ORDERS,
                HoldKind.TRANSACTION,
                time().nowMs(),
                hold.wakeAtMs(),
                hold.attributes()));
    assertThat(storage().escrow().status(id(1))).isEqualTo(HoldStatus.HELD);
  }

  @Test
  void aReleaseMakesItVisibleAtTheEndOfItsQueue() {
    hold(id(1), ORDERS, "held first");
    append(ORDERS, "visible first");
    time().advanceMs(1_000);
    WriteReceipt receipt = write(new Mutation.Release(id(1)));

    Outcome outcome = receipt.outcome(0);
    assertThat(outcome.result()).isEqualTo(Result.APPLIED);
    assertThat(outcome.queueOffset()).isEqualTo(1);
    assertThat(texts(ORDERS)).containsExactly("visible first", "held first");
    Message released = readAll(ORDERS).get(1);
    Message sent = SampleMessages.message(ORDERS, "held first");
    assertThat(released).isEqualTo(sent.stamped(1, outcome.position(), receipt.storeTimeMs()));
    assertThat(storage().log().at(outcome.position())).contains(released);
    assertThat(storage().escrow().get(id(1))).isEmpty();
    assertThat(storage().escrow().status(id(1)))
        .isEqualTo(
            new HoldStatus(
                HoldStatus.State.RELEASED, 1, outcome.position(), receipt.storeTimeMs()));
  }

  /** Engines write many rows in other ways than few. */
  @Test
  void hundredsInABatchAreAsOne() {
    int many = 300;
    write(each(many, number -> holdOf(id(number), ORDERS, "m" + number)));
    write(
        each(
            many,
            number ->
                new Mutation.Reschedule(
                    id(number), HoldKind.DELAY, time().nowMs() + number, Bytes.utf8("later"))));
    WriteReceipt released = write(each(many / 2, number -> new Mutation.Release(id(number))));
    WriteReceipt discarded = write(each(many, number -> new Mutation.Discard(id(number))));

    assertThat(released.outcomes()).extracting(Outcome::result).containsOnly(Result.APPLIED);
    assertThat(texts(ORDERS)).hasSize(many / 2).contains("m0", "m" + (many / 2 - 1));
    assertThat(discarded.outcomes().subList(0, many / 2))
        .extracting(Outcome::result)
        .containsOnly(Result.ALREADY_RELEASED);
    assertThat(discarded.outcomes().subList(many / 2, many)).containsOnly(Outcome.APPLIED);
    for (int number = 0; number < many; number++) {
      assertThat(storage().escrow().status(id(number)).state())
          .isEqualTo(number < many / 2 ? HoldStatus.State.RELEASED : HoldStatus.State.DISCARDED);
    }
  }

  private static Mutation[] each(int count, IntFunction<Mutation> mutation) {
    return IntStream.range(0, count).mapToObj(mutation).toArray(Mutation[]::new);
  }

  @Test
  void aDiscardedMessageIsGone() {
    hold(id(1), ORDERS, "never");
    time().advanceMs(10);
    WriteReceipt receipt = write(new Mutation.Discard(id(1)));
    assertThat(receipt.outcomes()).containsExactly(Outcome.APPLIED);
    assertThat(bounds(ORDERS).max()).isZero();
    assertThat(storage().escrow().get(id(1))).isEmpty();
    assertThat(storage().escrow().status(id(1)))
        .isEqualTo(new HoldStatus(HoldStatus.State.DISCARDED, -1, -1, receipt.storeTimeMs()));
  }

  @Test
  void whoeverDecidesLateGetsTheDecision() {
    hold(id(1), ORDERS, "released");
    hold(id(2), ORDERS, "discarded");
    Outcome first = apply(new Mutation.Release(id(1)));
    apply(new Mutation.Discard(id(2)));
    append(ORDERS, "in between");

    Outcome released = new Outcome(Result.ALREADY_RELEASED, 0, first.position());
    for (int i = 0; i < 2; i++) {
      assertThat(apply(new Mutation.Release(id(1)))).isEqualTo(released);
      assertThat(apply(new Mutation.Discard(id(1)))).isEqualTo(released);
      assertThat(apply(reschedule(id(1)))).isEqualTo(released);
      assertThat(apply(new Mutation.Release(id(2)))).isEqualTo(DISCARDED);
      assertThat(apply(new Mutation.Discard(id(2)))).isEqualTo(DISCARDED);
      assertThat(apply(reschedule(id(2)))).isEqualTo(DISCARDED);
      assertThat(apply(new Mutation.Release(id(3)))).isEqualTo(UNKNOWN);
      assertThat(apply(new Mutation.Discard(id(3)))).isEqualTo(UNKNOWN);
      assertThat(apply(reschedule(id(3)))).isEqualTo(UNKNOWN);
    }
    assertThat(texts(ORDERS)).containsExactly("released", "in between");
    assertThat(storage().escrow().counts()).isEmpty();
  }

  @Test
  void aRepeatedHoldChangesNothing() {
    hold(id(1), ORDERS, "original");
    HeldMessage original = storage().escrow().get(id(1)).orElseThrow();
    time().advanceMs(500);
    assertThat(apply(holdOf(id(1), PAYMENTS, "impostor"))).isEqualTo(HELD_ALREADY);
    assertThat(storage().escrow().get(id(1))).contains(original);

    Outcome release = apply(new Mutation.Release(id(1)));
    assertThat(apply(holdOf(id(1), ORDERS, "original")))
        .isEqualTo(new Outcome(Result.ALREADY_RELEASED, 0, release.position()));
    hold(id(2), ORDERS, "rolled back");
    apply(new Mutation.Discard(id(2)));
    assertThat(apply(holdOf(id(2), ORDERS, "rolled back"))).isEqualTo(DISCARDED);

    assertThat(texts(ORDERS)).containsExactly("original");
    assertThat(storage().escrow().counts()).isEmpty();
  }

  @Test
  void decisionsAreRememberedForTheRetentionAndThenForgotten() {
    Duration retention = Duration.ofDays(3);
    fixture().settings(settings -> withDecisionRetention(settings, retention)).open();
    hold(id(1), ORDERS, "released");
    hold(id(2), ORDERS, "discarded");
    Outcome release = apply(new Mutation.Release(id(1)));
    apply(new Mutation.Discard(id(2)));

    time().advance(retention.minusMinutes(1));
    storage().maintenance().retain();
    assertThat(apply(new Mutation.Discard(id(1))))
        .isEqualTo(new Outcome(Result.ALREADY_RELEASED, 0, release.position()));
    assertThat(apply(new Mutation.Release(id(2)))).isEqualTo(DISCARDED);
    assertThat(storage().escrow().status(id(2)).state()).isEqualTo(HoldStatus.State.DISCARDED);

    time().advance(Duration.ofDays(2));
    storage().maintenance().retain();
    assertThat(storage().escrow().status(id(1))).isEqualTo(HoldStatus.UNKNOWN);
    assertThat(storage().escrow().status(id(2))).isEqualTo(HoldStatus.UNKNOWN);
    assertThat(apply(new Mutation.Release(id(1)))).isEqualTo(UNKNOWN);
    assertThat(apply(holdOf(id(2), ORDERS, "a new life"))).isEqualTo(Outcome.APPLIED);
    apply(new Mutation.Release(id(2)));
    assertThat(texts(ORDERS)).last().isEqualTo("a new life");
  }

  @Test
  void aHoldOutlivesTheDecisionRetention() {
    fixture().settings(settings -> withDecisionRetention(settings, Duration.ofHours(1))).open();
    hold(id(1), ORDERS, "patient");
    time().advance(Duration.ofDays(30));
    storage().maintenance().retain();
    assertThat(storage().escrow().status(id(1))).isEqualTo(HoldStatus.HELD);
    apply(new Mutation.Release(id(1)));
    assertThat(texts(ORDERS)).containsExactly("patient");
  }

  @Test
  void aRescheduleChangesTimeKindAndAttributesButNotTheMessage() {
    hold(id(1), ORDERS, "a");
    long heldAtMs = time().nowMs();
    time().advanceMs(1_000);
    Mutation change =
        new Mutation.Reschedule(id(1), HoldKind.DELAY, heldAtMs + 77, Bytes.utf8("later"));
    assertThat(apply(change)).isEqualTo(Outcome.APPLIED);

    HeldMessage held = storage().escrow().get(id(1)).orElseThrow();
    assertThat(held.entry())
        .isEqualTo(
            new HoldEntry(
                id(1), ORDERS, HoldKind.DELAY, heldAtMs, heldAtMs + 77, Bytes.utf8("later")));
    assertThat(SampleMessages.textOf(held.message())).isEqualTo("a");
    Escrow escrow = storage().escrow();
    assertThat(escrow.due(HoldKind.TRANSACTION, Optional.empty(), Long.MAX_VALUE, 10)).isEmpty();
    assertThat(escrow.scan(HoldKind.TRANSACTION, Optional.empty(), 10)).isEmpty();
    assertThat(escrow.due(HoldKind.DELAY, Optional.empty(), heldAtMs + 77, 10)).isEmpty();
    assertThat(escrow.due(HoldKind.DELAY, Optional.empty(), heldAtMs + 78, 10))
        .containsExactly(held.entry());
    assertThat(escrow.counts())
        .containsExactly(java.util.Map.entry(new Escrow.HoldGroup(HoldKind.DELAY, "orders"), 1L));
  }

  @Test
  void severalHoldsAreDecidedTogether() {
    hold(id(1), ORDERS, "a");
    hold(id(2), PAYMENTS, "b");
    hold(id(3), ORDERS_1, "c");
    apply(new Mutation.Release(id(1)), new Mutation.Release(id(2)), new Mutation.Discard(id(3)));
    assertThat(texts(ORDERS)).containsExactly("a");
    assertThat(texts(PAYMENTS)).containsExactly("b");
    assertThat(texts(ORDERS_1)).isEmpty();
  }

  @Test
  void idsUseAll128Bits() {
    HoldId[] near = {
      new HoldId(0, 0), new HoldId(0, -1), new HoldId(-1, 0), new HoldId(-1, -1), new HoldId(1, 0)
    };
    for (HoldId id : near) {
      hold(id, ORDERS, id.toString());
    }
    assertThat(ids(storage().escrow().scan(HoldKind.TRANSACTION, Optional.empty(), 10)))
        .containsExactly(near[0], near[1], near[4], near[2], near[3]);
    apply(new Mutation.Release(near[3]));
    assertThat(texts(ORDERS)).containsExactly(near[3].toString());
    assertThat(storage().escrow().status(near[2])).isEqualTo(HoldStatus.HELD);
  }

  private static Mutation reschedule(HoldId id) {
    return new Mutation.Reschedule(id, HoldKind.PARKED, Mutation.Hold.NEVER, Bytes.EMPTY);
  }

  private static StorageSettings withDecisionRetention(StorageSettings settings, Duration time) {
    return new StorageSettings(
        settings.directory(),
        settings.durability(),
        time,
        settings.retention(),
        settings.options());
  }
}
