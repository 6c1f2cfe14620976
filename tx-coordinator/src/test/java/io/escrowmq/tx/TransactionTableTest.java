package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One test or more for each row of the transition table in {@code docs/transactions.md}. */
final class TransactionTableTest {

  private final Scene scene = new Scene();

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void t1_aHalfMessageIsHeldAndInvisible() {
    HalfOutcome outcome = scene.prepare(scene.half("k"));

    assertThat(outcome).isInstanceOf(HalfOutcome.Prepared.class);
    Handle handle = ((HalfOutcome.Prepared) outcome).handle();
    assertThat(scene.hold(handle).kind()).isEqualTo(HoldKind.TRANSACTION);
    assertThat(scene.hold(handle).wakeAtMs()).isEqualTo(scene.time.nowMs() + 6_000);
    assertThat(scene.visible(Scene.QUEUE)).isEmpty();
  }

  @Test
  void t1_immunityOfTheMessageReplacesTheFirstDelay() {
    HalfMessage plain = scene.half("k");
    HalfMessage immune =
        new HalfMessage(
            plain.producerGroup(),
            plain.clientId(),
            plain.queue(),
            plain.uniqueKey(),
            plain.body(),
            Optional.of(Duration.ofSeconds(90)),
            0,
            plain.encode());

    Handle handle = ((HalfOutcome.Prepared) scene.prepare(immune)).handle();

    assertThat(scene.hold(handle).wakeAtMs()).isEqualTo(scene.time.nowMs() + 90_000);
  }

  @Test
  void t1_aStoreThatRefusesGivesAnErrorAndNoHandle() {
    scene.storage().close();

    assertThatThrownBy(() -> scene.prepare(scene.half("k")))
        .hasCauseInstanceOf(StorageException.Closed.class);
  }

  @Test
  void t2_aRepeatedHalfFindsItselfWhateverQueueItChose() {
    Handle handle = scene.prepared("k");
    HalfMessage again = scene.half(Scene.GROUP, "sender", new QueueId("transfers", 7), "k", 0);

    assertThat(scene.prepare(again))
        .isEqualTo(new HalfOutcome.AlreadyPrepared(handle, Scene.QUEUE));
    scene.restart();
    assertThat(scene.prepare(again))
        .isEqualTo(new HalfOutcome.AlreadyPrepared(handle, Scene.QUEUE));
  }

  @Test
  void t2_aReusedKeyWithAnotherBodyIsAnotherTransaction() {
    Handle first = scene.prepared("k");
    HalfMessage other = scene.half(Scene.GROUP, "sender", Scene.QUEUE, "k", 0, "other body");

    assertThat(scene.prepare(other)).isInstanceOf(HalfOutcome.Prepared.class);
    assertThat(scene.prepare(scene.half("k")))
        .isEqualTo(new HalfOutcome.AlreadyPrepared(first, Scene.QUEUE));
  }

  @Test
  void t2_withoutAUniqueKeyEverySendIsItsOwn() {
    HalfMessage half = scene.half("k");
    HalfMessage keyless =
        new HalfMessage(
            half.producerGroup(),
            half.clientId(),
            half.queue(),
            Optional.empty(),
            ByteBuffer.allocate(0),
            Optional.empty(),
            0,
            half.encode());

    HalfOutcome first = scene.prepare(keyless);
    HalfOutcome second = scene.prepare(keyless);

    assertThat(first).isInstanceOf(HalfOutcome.Prepared.class);
    assertThat(second).isInstanceOf(HalfOutcome.Prepared.class).isNotEqualTo(first);
  }

  @Test
  void t3_aHalfAfterRollbackIsANewIncarnation() {
    Handle first = scene.prepared("k");
    scene.end(first, Decision.ROLLBACK);
    Handle second = scene.prepared("k");
    scene.end(second, Decision.ROLLBACK);
    Handle third = scene.prepared("k");

    assertThat(third).isNotEqualTo(second).isNotEqualTo(first);
    assertThat(scene.end(third, Decision.COMMIT)).isInstanceOf(EndOutcome.Decided.class);
    assertThat(scene.end(first, Decision.COMMIT))
        .isEqualTo(new EndOutcome.Conflict(Decision.ROLLBACK));
    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactly("k");
  }

  @Test
  void t3_aHalfAfterCommitIsRefused() {
    Handle handle = scene.prepared("k");
    scene.end(handle, Decision.COMMIT);

    assertThat(scene.prepare(scene.half("k"))).isEqualTo(new HalfOutcome.AlreadyCommitted(handle));
    assertThat(scene.visible(Scene.QUEUE)).hasSize(1);
  }

  @Test
  void t5_commitMakesTheMessageVisible() {
    Handle handle = scene.prepared("k");

    EndOutcome outcome = scene.end(handle, Decision.COMMIT);

    assertThat(outcome).isInstanceOf(EndOutcome.Decided.class);
    EndOutcome.Decided decided = (EndOutcome.Decided) outcome;
    assertThat(decided.decision()).isEqualTo(Decision.COMMIT);
    assertThat(decided.queueOffset()).isZero();
    assertThat(scene.storage().log().at(decided.position()).orElseThrow().uniqueKey())
        .contains("k");
    assertThat(scene.visible(Scene.QUEUE).getFirst().preparedTransactionOffset())
        .isEqualTo(handle.a());
  }

  @Test
  void t5_aCommittedMessageWithADeliveryTimeWaitsForItAndStaysCommitted() {
    long deliverAtMs = scene.time.nowMs() + 60_000;
    HalfMessage half = scene.half(Scene.GROUP, "sender", Scene.QUEUE, "k", deliverAtMs);
    Handle handle = ((HalfOutcome.Prepared) scene.prepare(half)).handle();

    assertThat(scene.end(handle, Decision.COMMIT))
        .isEqualTo(new EndOutcome.Decided(Decision.COMMIT, -1, -1, deliverAtMs));

    assertThat(scene.visible(Scene.QUEUE)).isEmpty();
    assertThat(scene.hold(handle).kind()).isEqualTo(HoldKind.DELAY);
    assertThat(scene.hold(handle).wakeAtMs()).isEqualTo(deliverAtMs);
    assertCommitted(handle, half);
    scene.restart();
    assertCommitted(handle, half);

    scene.pass(Duration.ofMinutes(2));
    assertThat(scene.producers.delivered()).isEmpty();
    assertThat(scene.releaseDueDelays()).hasSize(1);
    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactly("k");
    assertCommitted(handle, half);

    scene.pass(Duration.ofMinutes(2));
    assertThat(scene.storage().tables().get(Decisions.DECIDED_TABLE, row(handle))).isEmpty();
    assertCommitted(handle, half);
  }

  @Test
  void t5_aDeliveryTimeThatHasPassedMeansAtOnce() {
    HalfMessage half =
        scene.half(Scene.GROUP, "sender", Scene.QUEUE, "k", scene.time.nowMs() + 1_000);
    Handle handle = ((HalfOutcome.Prepared) scene.prepare(half)).handle();
    scene.time.advanceMs(1_000);

    EndOutcome outcome = scene.end(handle, Decision.COMMIT);

    assertThat(((EndOutcome.Decided) outcome).queueOffset()).isZero();
    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactly("k");
  }

  @Test
  void t5_aDelayedMessageRecalledAfterItsCommitStaysCommitted() {
    HalfMessage half =
        scene.half(Scene.GROUP, "sender", Scene.QUEUE, "k", scene.time.nowMs() + 60_000);
    Handle handle = ((HalfOutcome.Prepared) scene.prepare(half)).handle();
    scene.end(handle, Decision.COMMIT);
    Scene.await(scene.storage().write(WriteBatch.of(new Mutation.Discard(handle.holdId()))));
    scene.pass(Duration.ofMinutes(2));

    assertCommitted(handle, half);
  }

  @Test
  void t7_rollbackMakesItGone() {
    Handle handle = scene.prepared("k");

    assertThat(scene.end(handle, Decision.ROLLBACK))
        .isEqualTo(new EndOutcome.Decided(Decision.ROLLBACK, -1, -1, 0));
    assertThat(scene.storage().escrow().status(handle.holdId()).state())
        .isEqualTo(HoldStatus.State.DISCARDED);
    assertThat(scene.visible(Scene.QUEUE)).isEmpty();
  }

  @Test
  void t7_aMessageWithADeliveryTimeCanBeRolledBack() {
    HalfMessage half =
        scene.half(Scene.GROUP, "sender", Scene.QUEUE, "k", scene.time.nowMs() + 60_000);
    Handle handle = ((HalfOutcome.Prepared) scene.prepare(half)).handle();

    assertThat(scene.end(handle, Decision.ROLLBACK)).isInstanceOf(EndOutcome.Decided.class);
    assertThat(scene.end(handle, Decision.COMMIT))
        .isEqualTo(new EndOutcome.Conflict(Decision.ROLLBACK));
  }

  @Test
  void t8_theSameDecisionAgainIsRepeated() {
    Handle handle = scene.prepared("k");
    EndOutcome.Decided first = (EndOutcome.Decided) scene.end(handle, Decision.COMMIT);

    EndOutcome again = scene.end(handle, Decision.COMMIT);

    assertThat(again)
        .isEqualTo(new EndOutcome.Repeated(Decision.COMMIT, first.queueOffset(), first.position()));
    assertThat(scene.visible(Scene.QUEUE)).hasSize(1);
  }

  @Test
  void t8_theOtherDecisionIsAConflictAndNotObeyed() {
    Handle committed = scene.prepared("c");
    Handle rolledBack = scene.prepared("r");
    scene.end(committed, Decision.COMMIT);
    scene.end(rolledBack, Decision.ROLLBACK);

    assertThat(scene.end(committed, Decision.ROLLBACK))
        .isEqualTo(new EndOutcome.Conflict(Decision.COMMIT));
    assertThat(scene.end(rolledBack, Decision.COMMIT))
        .isEqualTo(new EndOutcome.Conflict(Decision.ROLLBACK));

    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactly("c");
    assertThat(scene.coordinator().statistics().conflicts()).isEqualTo(2);
    assertThat(scene.audits("CONFLICT"))
        .hasSize(2)
        .first()
        .asString()
        .contains(committed.toString(), "\"recorded\":\"COMMIT\"", "\"requested\":\"ROLLBACK\"");
  }

  @Test
  void t9_anUnknownHandleIsNotFound() {
    assertThat(scene.end(new Handle(1, 2), Decision.COMMIT)).isEqualTo(new EndOutcome.NotFound());
    assertThat(scene.end(new Handle(1, 2), Decision.ROLLBACK)).isEqualTo(new EndOutcome.NotFound());
  }

  @Test
  void t9_aHoldOfAnotherFeatureIsNotFound() {
    Handle handle = new Handle(3, 4);
    Scene.await(
        scene
            .storage()
            .write(
                WriteBatch.of(
                    new Mutation.Hold(
                        handle.holdId(),
                        Scene.QUEUE,
                        SampleMessages.message(Scene.QUEUE, "delayed"),
                        HoldKind.DELAY,
                        scene.time.nowMs() + 1,
                        Bytes.utf8("a delay")))));

    assertThat(scene.end(handle, Decision.COMMIT)).isEqualTo(new EndOutcome.NotFound());
    assertThat(scene.storage().escrow().status(handle.holdId())).isEqualTo(HoldStatus.HELD);
  }

  @Test
  void t9_anotherGroupMayNotDecide() {
    Handle handle = scene.prepared("k");

    assertThat(scene.end(handle, "thieves", Decision.COMMIT, Decider.producer("x")))
        .isEqualTo(new EndOutcome.GroupMismatch(Scene.GROUP));
    assertThat(scene.visible(Scene.QUEUE)).isEmpty();
    assertThat(scene.end(handle, "", Decision.COMMIT, Decider.operator("alice", "by hand")))
        .isInstanceOf(EndOutcome.Decided.class);
  }

  @Test
  void t10_aDueTransactionIsAskedAboutAndCounted() {
    Handle handle = scene.prepared("k");
    scene.producers.join(Scene.GROUP, "other");
    scene.producers.join(Scene.GROUP, "sender");
    scene.pass(Duration.ofMillis(5_999));
    assertThat(scene.producers.delivered()).isEmpty();

    scene.pass(Duration.ofMillis(1));

    FakeProducers.Delivered asked = scene.producers.delivered().getFirst();
    assertThat(asked.clientId()).isEqualTo("sender");
    assertThat(asked.question().handle()).isEqualTo(handle);
    assertThat(asked.question().attempt()).isEqualTo(1);
    assertThat(asked.question().message().uniqueKey()).contains("k");
    assertThat(scene.attributes(handle).attempts()).isEqualTo(1);
    assertThat(scene.hold(handle).wakeAtMs()).isEqualTo(scene.time.nowMs() + 30_000);
  }

  @Test
  void t10_whoDidNotAnswerIsNotAskedNext() {
    scene.prepared("k");
    scene.producers.join(Scene.GROUP, "other");
    scene.producers.join(Scene.GROUP, "sender");
    scene.pass(Duration.ofSeconds(6));
    scene.pass(Duration.ofSeconds(30));

    assertThat(scene.producers.delivered().getLast().clientId()).isEqualTo("other");
    assertThat(scene.producers.delivered().getLast().question().avoidClientId()).contains("sender");
  }

  @Test
  void t11_nobodyConnectedCountsNothingAndWritesNothing() {
    Handle handle = scene.prepared("k");
    long wakeAtMs = scene.hold(handle).wakeAtMs();

    for (int i = 0; i < 100; i++) {
      scene.pass(Duration.ofSeconds(30));
    }

    assertThat(scene.attributes(handle).attempts()).isZero();
    assertThat(scene.hold(handle).wakeAtMs()).isEqualTo(wakeAtMs);
    assertThat(scene.coordinator().statistics().waitingForProducer()).isEqualTo(1);
  }

  @Test
  void t12_anUnknownAnswerChangesNothingAndKeepsTheMember() {
    Handle handle = scene.prepared("k");
    scene.producers.join(Scene.GROUP, "other");
    scene.producers.join(Scene.GROUP, "sender");
    scene.pass(Duration.ofSeconds(6));

    assertThat(scene.answerUnknown(handle, "sender")).isEqualTo(new EndOutcome.Unknown());
    scene.pass(Duration.ofSeconds(30));

    assertThat(scene.attributes(handle).attempts()).isEqualTo(2);
    assertThat(scene.producers.delivered().getLast().clientId()).isEqualTo("sender");
  }

  @Test
  void t13_afterTheLastQuestionItIsParkedNotDropped() {
    Handle handle = scene.prepared("k");
    scene.producers.join(Scene.GROUP, "sender");
    scene.pass(Duration.ofSeconds(6));
    for (int i = 0; i < 20; i++) {
      scene.pass(Duration.ofSeconds(30));
    }

    assertThat(scene.producers.delivered()).hasSize(15);
    assertThat(scene.hold(handle).kind()).isEqualTo(HoldKind.PARKED);
    assertThat(scene.attributes(handle).parked()).contains(ParkReason.CHECKS_USED_UP);
    assertThat(scene.audits("PARKED")).hasSize(1);
    assertThat(scene.coordinator().statistics().parked()).isEqualTo(1);
    assertThat(scene.end(handle, Decision.COMMIT)).isInstanceOf(EndOutcome.Decided.class);
    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactly("k");
  }

  @Test
  void t13_anOldTransactionIsParkedEvenIfNobodyWasThere() {
    Handle handle = scene.prepared("k");
    scene.pass(Duration.ofHours(71));
    assertThat(scene.hold(handle).kind()).isEqualTo(HoldKind.TRANSACTION);
    scene.pass(Duration.ofHours(1));

    assertThat(scene.hold(handle).kind()).isEqualTo(HoldKind.PARKED);
    assertThat(scene.attributes(handle).parked()).contains(ParkReason.TOO_OLD);
    assertThat(scene.end(handle, Decision.ROLLBACK)).isInstanceOf(EndOutcome.Decided.class);
  }

  @Test
  void t14_aParkedTransactionCanBeAskedAboutAgain() {
    t13_park();
    Handle handle = ((HalfOutcome.AlreadyPrepared) scene.prepare(scene.half("k"))).handle();
    Decider bob = Decider.operator("bob", "producer is back");

    assertThat(Scene.await(scene.coordinator().rearm(handle, bob))).isTrue();
    assertThat(Scene.await(scene.coordinator().rearm(handle, bob))).isFalse();
    assertThat(scene.audits("REARMED")).hasSize(1).first().asString().contains("bob");
    scene.pass(Duration.ofSeconds(10));

    assertThat(scene.producers.delivered()).hasSize(16);
    assertThat(scene.attributes(handle).attempts()).isEqualTo(1);
  }

  @Test
  void t15_whenAMemberReturnsItsTransactionsAreAskedAboutAtOnce() {
    scene.prepared("k");
    scene.pass(Duration.ofHours(24));
    assertThat(scene.producers.delivered()).isEmpty();

    scene.producers.join(Scene.GROUP, "sender");
    scene.coordinator().memberArrived(Scene.GROUP);
    scene.pass(Duration.ofMillis(100));

    assertThat(scene.producers.delivered()).hasSize(1);
  }

  @Test
  void t17_afterTheDecisionRetentionItIsNotFound() {
    Handle handle = scene.prepared("k");
    scene.end(handle, Decision.COMMIT);
    scene.time.advance(Duration.ofDays(8));
    scene.storage().maintenance().retain();

    assertThat(scene.end(handle, Decision.COMMIT)).isEqualTo(new EndOutcome.NotFound());
    assertThat(scene.visible(Scene.QUEUE).size()).isLessThanOrEqualTo(1);
  }

  private void t13_park() {
    scene.prepared("k");
    scene.producers.join(Scene.GROUP, "sender");
    for (int i = 0; i < 20; i++) {
      scene.pass(Duration.ofSeconds(30));
    }
    assertThat(scene.producers.delivered()).hasSize(15);
  }

  private void assertCommitted(Handle handle, HalfMessage half) {
    assertThat(scene.end(handle, Decision.COMMIT)).isInstanceOf(EndOutcome.Repeated.class);
    assertThat(scene.end(handle, Decision.ROLLBACK))
        .isEqualTo(new EndOutcome.Conflict(Decision.COMMIT));
    assertThat(scene.prepare(half)).isEqualTo(new HalfOutcome.AlreadyCommitted(handle));
  }

  private static Bytes row(Handle handle) {
    return Decisions.rowKey(handle.holdId());
  }
}
