package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageIndex.Query;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.Ownership;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.spi.storage.copy.CopyFailure;
import io.escrowmq.spi.storage.copy.CopyFigures;
import io.escrowmq.spi.storage.copy.CopyListener;
import io.escrowmq.spi.storage.copy.CopyMark;
import io.escrowmq.spi.storage.copy.StoreComparison;
import io.escrowmq.spi.storage.copy.StoreCopy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Everything of a store can be listed and carried into another one, of this engine or any other,
 * and goes on there as if nothing had happened.
 */
public abstract class CopyContract extends StorageContract {

  private static final int QUEUES = Integer.getInteger("escrowmq.kit.copy.queues", 10_000);
  private static final int BODY_BYTES = 32 * 1024;
  private static final long WRITTEN_TOGETHER_BYTES = 1024 * 1024;
  private static final QueueId EMPTIED = new QueueId("emptied", 3);
  private static final String LEASE = "kit-scope";

  private @Nullable StorageFixture other;

  @AfterEach
  final void closeSecond() {
    if (other != null) {
      other.close();
    }
  }

  @Test
  void whatIsThereIsListedPageByPage() {
    assertThat(storage().log().queues(Optional.empty(), 10)).isEmpty();
    assertThat(storage().escrow().decided(Optional.empty(), 10)).isEmpty();
    assertThat(storage().tables().names()).isEmpty();
    fill(storage());

    List<QueueId> queues = new ArrayList<>();
    List<QueueId> queuePage = storage().log().queues(Optional.empty(), 2);
    while (!queuePage.isEmpty()) {
      queues.addAll(queuePage);
      queuePage = storage().log().queues(Optional.of(queuePage.getLast()), 2);
    }
    assertThat(queues).containsExactlyInAnyOrder(ORDERS, ORDERS_1, PAYMENTS, EMPTIED);

    List<DecidedHold> decided = new ArrayList<>();
    List<DecidedHold> page = storage().escrow().decided(Optional.empty(), 2);
    while (!page.isEmpty()) {
      decided.addAll(page);
      page = storage().escrow().decided(Optional.of(page.getLast().id()), 2);
    }
    assertThat(decided).extracting(DecidedHold::id).isSorted().contains(id(2), id(3), id(6));
    assertThat(decided).hasSize(3).allMatch(hold -> hold.status().equals(statusOf(hold.id())));

    assertThat(storage().tables().names()).contains(TABLE, "kit-other").isSorted();
    apply(new Mutation.Delete("kit-other", Bytes.utf8("k")));
    assertThat(storage().tables().names()).contains(TABLE).doesNotContain("kit-other");
  }

  @Test
  void aForgottenDecisionIsNotListed() {
    hold(id(1), ORDERS, "a");
    apply(new Mutation.Discard(id(1)));
    time().advance(StorageSettings.DEFAULT_DECISION_RETENTION.plusDays(1));
    append(ORDERS, "later");
    assertThat(storage().escrow().decided(Optional.empty(), 10)).isEmpty();
  }

  @Test
  void everythingArrives() {
    fill(storage());
    try (InMemoryStorage between = model()) {
      CopyFigures there = copy(storage(), between);
      CopyFigures back = copy(between, second().storage());
      assertThat(back).isEqualTo(there);
      assertThat(compare(storage(), second().storage())).isEqualTo(there);
      assertThat(there.messages()).isEqualTo(7);
      assertThat(there.holds()).isEqualTo(3);
      assertThat(there.decisions()).isEqualTo(3);
    }
    if (engine().persistent()) {
      second().reopen();
      compare(storage(), second().storage());
      assertThat(second().storage().maintenance().verify().records()).isPositive();
    }
  }

  @Test
  void aComparisonFindsWhatIsMissing() {
    fill(storage());
    copy(storage(), second().storage());
    append(ORDERS, "one more");
    assertDifference("bounds of " + ORDERS);
    write(second(), new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "another one")));
    assertDifference("the message at offset 5 of " + ORDERS);
  }

  @Test
  void aStoreThatIsNotEmptyIsNoTarget() {
    append(ORDERS, "a");
    write(second(), putOf("k", "v"));
    assertThatExceptionOfType(CopyFailure.class)
        .isThrownBy(() -> copy(storage(), second().storage()))
        .withMessageContaining("not empty");
    assertThat(CopyMark.of(second().storage())).isEmpty();
  }

  @Test
  void theMarkOfAnUnfinishedCopyStaysUntilItIsRemoved() {
    new StoreCopy(storage(), second().storage(), CopyListener.NONE).run("the first store");
    if (engine().persistent()) {
      second().reopen();
    }
    if (engine().persistent()) {
      assertThat(CopyMark.of(second().storage())).contains("the first store");
    }
    CopyMark.clear(second().storage());
    assertThat(CopyMark.of(second().storage())).isEmpty();
    assertThat(StoreCopy.isEmpty(second().storage())).isTrue();
  }

  @Test
  void queuesGoOnWhereTheyWere() {
    fill(storage());
    copyToSecond();
    assertThat(second().storage().log().bounds(ORDERS)).isEqualTo(new QueueBounds(2, 5));
    assertThat(second().storage().log().bounds(EMPTIED)).isEqualTo(new QueueBounds(2, 2));
    time().advanceMs(10);
    assertThat(write(second(), appendOf(EMPTIED, "next")).queueOffset()).isEqualTo(2);
    Outcome next = write(second(), appendOf(ORDERS, "next"));
    assertThat(next.queueOffset()).isEqualTo(5);
    assertThat(second().storage().log().at(next.position())).isPresent();
    assertThat(readAll(second().storage(), ORDERS))
        .extracting(Message::storeTimeMs)
        .isSorted()
        .last()
        .isEqualTo(time().nowMs());
  }

  @Test
  void restoredMessagesAreFound() {
    fill(storage());
    copyToSecond();
    Storage copy = second().storage();
    List<Message> messages = readAll(copy, ORDERS);
    for (Message message : messages) {
      assertThat(copy.log().at(message.position())).contains(message);
      long timeMs = message.storeTimeMs();
      assertThat(copy.log().offsetAt(ORDERS, timeMs))
          .isEqualTo(storage().log().offsetAt(ORDERS, timeMs));
    }
    Query query =
        new Query(ORDERS.topic(), Field.KEY, "k", 0, Long.MAX_VALUE, 10, Optional.empty());
    assertThat(copy.index().find(query).messages())
        .extracting(SampleMessages::textOf)
        .containsExactlyElementsOf(
            storage().index().find(query).messages().stream().map(SampleMessages::textOf).toList())
        .isNotEmpty();
  }

  @Test
  void openHoldsTakeTheirDecisionsAndDecidedOnesKeepTheirs() {
    fill(storage());
    copyToSecond();
    Storage copy = second().storage();
    HoldStatus released = copy.escrow().status(id(2));
    assertThat(released.state()).isEqualTo(HoldStatus.State.RELEASED);
    assertThat(released.queueOffset()).isEqualTo(statusOf(id(2)).queueOffset());
    assertThat(released.decidedAtMs()).isEqualTo(statusOf(id(2)).decidedAtMs());

    assertThat(write(second(), new Mutation.Discard(id(2))).result())
        .isEqualTo(Outcome.Result.ALREADY_RELEASED);
    assertThat(write(second(), new Mutation.Release(id(3))).result())
        .isEqualTo(Outcome.Result.ALREADY_DISCARDED);
    assertThat(write(second(), holdOf(id(3), ORDERS, "again")).result())
        .isEqualTo(Outcome.Result.ALREADY_DISCARDED);
    assertThat(write(second(), holdOf(id(1), ORDERS, "again")).result())
        .isEqualTo(Outcome.Result.ALREADY_HELD);

    assertThat(write(second(), new Mutation.Release(id(1))).queueOffset()).isEqualTo(5);
    assertThat(write(second(), new Mutation.Discard(id(4))).result())
        .isEqualTo(Outcome.Result.APPLIED);
    assertThat(readAll(copy, ORDERS))
        .last()
        .extracting(SampleMessages::textOf)
        .isEqualTo("open transaction");
    assertThat(copy.escrow().counts().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(1);
  }

  @Test
  void aRestoredDecisionIsForgottenInItsTime() {
    hold(id(1), ORDERS, "a");
    apply(new Mutation.Discard(id(1)));
    Duration half = StorageSettings.DEFAULT_DECISION_RETENTION.dividedBy(2);
    time().advance(half);
    copyToSecond();
    write(second(), putOf("k", "v"));
    assertThat(second().storage().escrow().status(id(1)).state())
        .isEqualTo(HoldStatus.State.DISCARDED);
    time().advance(half.plusDays(1));
    write(second(), putOf("k", "w"));
    second().storage().maintenance().retain();
    assertThat(second().storage().escrow().status(id(1))).isEqualTo(HoldStatus.UNKNOWN);
    assertThat(write(second(), holdOf(id(1), ORDERS, "b")).result())
        .isEqualTo(Outcome.Result.APPLIED);
  }

  @Test
  void versionsAndLeasesWorkAsPreconditions() {
    fill(storage());
    Ownership.Lease lease =
        storage().ownership().acquire(LEASE, "a server", Duration.ofSeconds(1)).orElseThrow();
    copyToSecond();
    Storage copy = second().storage();
    Bytes key = Bytes.utf8("k1");
    TableRow row = copy.tables().get(TABLE, key).orElseThrow();
    assertThat(
            await(
                    copy.write(
                        WriteBatch.of(
                            new Mutation.Require(TABLE, key, row.version() + 1),
                            putOf("k1", "wrong"))))
                .applied())
        .isFalse();
    write(second(), new Mutation.Require(TABLE, key, row.version()), putOf("k1", "right"));
    write(second(), new Mutation.Fence(LEASE, lease.epoch()), putOf("k2", "owned"));
    time().advance(Duration.ofSeconds(2));
    assertThat(copy.ownership().acquire(LEASE, "another", Duration.ofSeconds(1)))
        .map(Ownership.Lease::epoch)
        .contains(lease.epoch() + 1);
  }

  @Test
  void aFirstOffsetIsForNewQueuesOnly() {
    append(ORDERS, "a");
    assertThat(apply(new Mutation.Restore.Begin(ORDERS, 7)))
        .isEqualTo(Outcome.of(Outcome.Result.NOT_APPLIED));
    assertThat(bounds(ORDERS)).isEqualTo(new QueueBounds(0, 1));
    hold(id(1), PAYMENTS, "held before its queue began");
    assertThat(apply(new Mutation.Restore.Begin(PAYMENTS, 1L << 40))).isEqualTo(Outcome.APPLIED);
    assertThat(apply(new Mutation.Restore.Begin(PAYMENTS, 7)))
        .isEqualTo(Outcome.of(Outcome.Result.NOT_APPLIED));
    assertThat(bounds(PAYMENTS)).isEqualTo(new QueueBounds(1L << 40, 1L << 40));
    if (engine().persistent()) {
      fixture().reopen();
    }
    Outcome release = apply(new Mutation.Release(id(1)));
    assertThat(release.queueOffset()).isEqualTo(1L << 40);
    assertThat(storage().log().at(release.position())).isPresent();
  }

  @Test
  void restoredMessagesAreAsOldAsTheyWere() {
    // What is written together may be forgotten together.
    long slackBytes = engine().retentionSlackBytes() + WRITTEN_TOGETHER_BYTES;
    int count = (int) (3 * slackBytes / BODY_BYTES) + 10;
    for (int i = 0; i < count; i++) {
      apply(new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, BODY_BYTES)));
    }
    time().advance(Duration.ofHours(70));
    append(PAYMENTS, "young");
    copyToSecond();
    time().advance(Duration.ofHours(3));
    write(second(), appendOf(PAYMENTS, "new"));
    second().storage().maintenance().retain();
    List<Message> left = readAll(second().storage(), ORDERS);
    assertThat(left.stream().mapToLong(Message::size).sum()).isLessThanOrEqualTo(slackBytes);
    assertThat(second().storage().log().bounds(ORDERS).max()).isEqualTo(count);
    assertThat(readAll(second().storage(), PAYMENTS)).hasSize(2);
  }

  @Test
  void manyQueuesArrive() {
    List<Mutation> batch = new ArrayList<>();
    for (int i = 0; i < QUEUES; i++) {
      batch.add(appendOf(new QueueId("topic-" + i / 100, i % 100), "in queue " + i));
      if (batch.size() == 1000 || i == QUEUES - 1) {
        apply(batch.toArray(Mutation[]::new));
        batch.clear();
      }
    }
    assertThat(copy(storage(), second().storage()).queues()).isEqualTo(QUEUES);
    compare(storage(), second().storage());
  }

  /** Another store of the engine. */
  private StorageFixture second() {
    if (other == null) {
      other = new StorageFixture(engine(), scratch("second-store")).clock(time());
      other.open();
    }
    return other;
  }

  private void copyToSecond() {
    copy(storage(), second().storage());
    if (engine().persistent()) {
      second().reopen();
    }
  }

  /** A bit of everything: trimmed heads, holds of each kind, decisions, rows, a lease. */
  private void fill(Storage storage) {
    for (int i = 0; i < 3; i++) {
      time().advanceMs(3);
      apply(
          new Mutation.Append(
              ORDERS, SampleMessages.indexed(ORDERS, "m" + i, "k other-" + i, "unique-" + i)));
    }
    append(EMPTIED, "gone");
    append(EMPTIED, "gone too");
    apply(new Mutation.Trim(EMPTIED, 2));
    hold(id(1), ORDERS, "open transaction");
    hold(id(2), ORDERS, "committed");
    hold(id(3), PAYMENTS, "rolled back");
    append(ORDERS_1, "a neighbour");
    time().advanceMs(3);
    apply(delayed(id(4), HoldKind.DELAY, time().nowMs() + 5));
    apply(delayed(id(5), HoldKind.TRANSACTION, 1));
    apply(
        new Mutation.Reschedule(id(5), HoldKind.PARKED, Mutation.Hold.NEVER, Bytes.utf8("parked")));
    hold(id(6), ORDERS, "committed with others");
    apply(new Mutation.Release(id(2)), new Mutation.Release(id(6)), putOf("k0", "v0"));
    time().advanceMs(3);
    apply(new Mutation.Discard(id(3)));
    apply(new Mutation.Trim(ORDERS, 2));
    apply(appendOf(PAYMENTS, "p0"), appendOf(ORDERS_1, "n1"), appendOf(ORDERS_1, "n2"));
    for (int i = 0; i < 5; i++) {
      put("k" + i, "v" + i);
    }
    apply(new Mutation.Delete(TABLE, Bytes.utf8("k4")));
    apply(new Mutation.Put("kit-other", Bytes.utf8("k"), Bytes.EMPTY));
    assertThat(storage.ownership().acquire("done", "me", Duration.ofMillis(1))).isPresent();
    time().advance(Duration.ofMinutes(1));
  }

  private static Mutation delayed(HoldId id, HoldKind kind, long wakeAtMs) {
    return new Mutation.Hold(
        id,
        PAYMENTS,
        SampleMessages.indexed(PAYMENTS, "held " + id, "k", "unique " + id),
        kind,
        wakeAtMs,
        Bytes.utf8("attributes"));
  }

  private static Mutation appendOf(QueueId queue, String text) {
    return new Mutation.Append(queue, SampleMessages.message(queue, text));
  }

  private HoldStatus statusOf(HoldId id) {
    return storage().escrow().status(id);
  }

  private static Outcome write(StorageFixture store, Mutation... mutations) {
    WriteReceipt receipt = await(store.storage().write(WriteBatch.of(mutations)));
    assertThat(receipt.applied()).as("applied: %s", receipt).isTrue();
    return receipt.outcome(0);
  }

  private static CopyFigures copy(Storage from, Storage to) {
    CopyFigures copied = new StoreCopy(from, to, CopyListener.NONE).run("a store of the kit");
    assertThat(compare(from, to)).isEqualTo(copied);
    CopyMark.clear(to);
    return copied;
  }

  private static CopyFigures compare(Storage from, Storage to) {
    return new StoreComparison(from, to, CopyListener.NONE).run();
  }

  private void assertDifference(String what) {
    assertThatExceptionOfType(CopyFailure.class)
        .isThrownBy(() -> compare(storage(), second().storage()))
        .withMessageContaining(what);
  }

  private InMemoryStorage model() {
    return InMemoryStorage.openInline(
        StorageSettings.defaults(scratch("the model has no files")),
        new StorageContext(time(), Disk.real()));
  }
}
