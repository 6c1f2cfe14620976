package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Escrow.HoldGroup;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Finding holds: by wake-up time, by id, in pages, and how many there are. */
public abstract class HoldOrderContract extends StorageContract {

  @Test
  void dueGivesTheOrderOfWakeUpTimeThenId() {
    holdAt(id(5), HoldKind.DELAY, 300);
    holdAt(id(2), HoldKind.DELAY, 100);
    holdAt(new HoldId(-1, 1), HoldKind.DELAY, 200);
    holdAt(new HoldId(7, 1), HoldKind.DELAY, 200);
    holdAt(id(9), HoldKind.TRANSACTION, 50);

    assertThat(ids(due(HoldKind.DELAY, Optional.empty(), Long.MAX_VALUE, 10)))
        .containsExactly(id(2), new HoldId(7, 1), new HoldId(-1, 1), id(5));
    assertThat(ids(due(HoldKind.TRANSACTION, Optional.empty(), Long.MAX_VALUE, 10)))
        .containsExactly(id(9));
    assertThat(due(HoldKind.PARKED, Optional.empty(), Long.MAX_VALUE, 10)).isEmpty();
  }

  @Test
  void dueEndsBeforeTheTime() {
    holdAt(id(1), HoldKind.DELAY, 100);
    holdAt(id(2), HoldKind.DELAY, 101);
    holdAt(id(3), HoldKind.DELAY, Mutation.Hold.NEVER);
    assertThat(due(HoldKind.DELAY, Optional.empty(), 100, 10)).isEmpty();
    assertThat(ids(due(HoldKind.DELAY, Optional.empty(), 101, 10))).containsExactly(id(1));
    assertThat(ids(due(HoldKind.DELAY, Optional.empty(), Long.MAX_VALUE, 10)))
        .containsExactly(id(1), id(2));
  }

  @Test
  void dueComesInPages() {
    List<HoldId> expected = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      HoldId id = new HoldId(i, 0);
      holdAt(id, HoldKind.DELAY, i / 7);
      expected.add(id);
    }
    List<HoldId> seen = new ArrayList<>();
    Optional<HoldEntry> after = Optional.empty();
    while (true) {
      List<HoldEntry> page = due(HoldKind.DELAY, after, 1_000, 10);
      if (page.isEmpty()) {
        break;
      }
      assertThat(page).hasSizeLessThanOrEqualTo(10);
      seen.addAll(ids(page));
      after = Optional.of(page.getLast());
    }
    assertThat(seen).isEqualTo(expected);
  }

  @Test
  void aPageGoesOnWhenItsLastEntryIsGone() {
    for (int i = 0; i < 20; i++) {
      holdAt(new HoldId(i, 0), HoldKind.DELAY, 10L * i);
    }
    List<HoldEntry> page = due(HoldKind.DELAY, Optional.empty(), 1_000, 5);
    for (HoldEntry entry : page) {
      apply(new Mutation.Release(entry.id()));
    }
    assertThat(ids(due(HoldKind.DELAY, Optional.of(page.getLast()), 1_000, 2)))
        .containsExactly(new HoldId(5, 0), new HoldId(6, 0));
    assertThat(ids(due(HoldKind.DELAY, Optional.empty(), 1_000, 1)))
        .containsExactly(new HoldId(5, 0));
  }

  @Test
  void decidedAndRescheduledHoldsLeaveTheirPlace() {
    holdAt(id(1), HoldKind.DELAY, 100);
    holdAt(id(2), HoldKind.DELAY, 200);
    holdAt(id(3), HoldKind.DELAY, 300);
    apply(new Mutation.Reschedule(id(1), HoldKind.DELAY, 250, Bytes.EMPTY));
    assertThat(ids(due(HoldKind.DELAY, Optional.empty(), 1_000, 10)))
        .containsExactly(id(2), id(1), id(3));
    apply(new Mutation.Discard(id(2)));
    apply(new Mutation.Reschedule(id(3), HoldKind.PARKED, 300, Bytes.EMPTY));
    assertThat(ids(due(HoldKind.DELAY, Optional.empty(), 1_000, 10))).containsExactly(id(1));
    assertThat(ids(due(HoldKind.PARKED, Optional.empty(), 1_000, 10))).containsExactly(id(3));
  }

  @Test
  void wakeUpTimesMayLieAnywhere() {
    holdAt(id(1), HoldKind.DELAY, 0);
    holdAt(id(2), HoldKind.DELAY, Long.MAX_VALUE - 1);
    holdAt(id(3), HoldKind.DELAY, time().nowMs());
    assertThat(ids(due(HoldKind.DELAY, Optional.empty(), Long.MAX_VALUE, 10)))
        .containsExactly(id(1), id(3), id(2));
  }

  @Test
  void scanGivesAllHoldsOfAKindInIdOrderAndInPages() {
    List<HoldId> expected = LongStream.range(0, 100).mapToObj(i -> id(i * 37)).sorted().toList();
    for (int i = 0; i < 100; i++) {
      holdAt(id(i * 37L), HoldKind.TRANSACTION, i % 3 == 0 ? Mutation.Hold.NEVER : i);
    }
    holdAt(id(1), HoldKind.DELAY, 1);
    List<HoldId> seen = new ArrayList<>();
    Optional<HoldId> after = Optional.empty();
    while (true) {
      List<HoldEntry> page = storage().escrow().scan(HoldKind.TRANSACTION, after, 7);
      if (page.isEmpty()) {
        break;
      }
      assertThat(page).hasSizeLessThanOrEqualTo(7);
      seen.addAll(ids(page));
      after = Optional.of(page.getLast().id());
    }
    assertThat(seen).isEqualTo(expected);
    assertThat(ids(storage().escrow().scan(HoldKind.DELAY, Optional.empty(), 5)))
        .containsExactly(id(1));
  }

  @Test
  void countsAreByKindAndTopic() {
    assertThat(storage().escrow().counts()).isEmpty();
    hold(id(1), ORDERS, "a");
    hold(id(2), ORDERS_1, "b");
    hold(id(3), PAYMENTS, "c");
    holdAt(id(4), HoldKind.DELAY, 5);
    hold(id(1), ORDERS, "repeated");
    assertThat(storage().escrow().counts())
        .isEqualTo(
            Map.of(
                new HoldGroup(HoldKind.TRANSACTION, "orders"), 2L,
                new HoldGroup(HoldKind.TRANSACTION, "payments"), 1L,
                new HoldGroup(HoldKind.DELAY, "orders"), 1L));
    apply(new Mutation.Release(id(3)), new Mutation.Discard(id(4)));
    apply(new Mutation.Reschedule(id(2), HoldKind.PARKED, 1, Bytes.EMPTY));
    assertThat(storage().escrow().counts())
        .isEqualTo(
            Map.of(
                new HoldGroup(HoldKind.TRANSACTION, "orders"), 1L,
                new HoldGroup(HoldKind.PARKED, "orders"), 1L));
  }

  private List<HoldEntry> due(HoldKind kind, Optional<HoldEntry> after, long beforeMs, int limit) {
    return storage().escrow().due(kind, after, beforeMs, limit);
  }

  private void holdAt(HoldId id, HoldKind kind, long wakeAtMs) {
    QueueId queue = ORDERS;
    apply(
        new Mutation.Hold(
            id, queue, SampleMessages.message(queue, "x"), kind, wakeAtMs, Bytes.EMPTY));
  }
}
