package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of {@code docs/transactions.md} for several messages, on every engine. */
@ParameterizedClass
@ValueSource(strings = {"memory", "commitlog", "rocksdb", "h2", "postgresql"})
final class JointTransactionsTest {

  private static final QueueId DEBITS = new QueueId("debits", 0);
  private static final QueueId CREDITS = new QueueId("credits", 3);

  private final JointScene joint;
  private final Scene scene;
  private final boolean quick;

  JointTransactionsTest(String engine) {
    scene = new Scene(CheckPolicy.DEFAULT, Sabotage.NONE, engine);
    joint = new JointScene(scene);
    quick = engine.equals("memory") || engine.equals("commitlog");
  }

  @AfterEach
  void close() {
    joint.close();
  }

  @Test
  void i1_i6_i7_nothingIsVisibleBeforeAndEverythingAtOnceAfter() {
    Handle transaction = joint.opened("order-1");
    joint.add(transaction, 0, DEBITS, "first");
    joint.add(transaction, 1, CREDITS, "second");
    joint.add(transaction, 2, DEBITS, "third");
    assertThat(joint.visible(DEBITS)).isEmpty();
    assertThat(joint.visible(CREDITS)).isEmpty();

    JointOutcome.OfEnd outcome = joint.commit(transaction, 0, 1, 2);

    assertThat(outcome)
        .isEqualTo(
            new JointOutcome.Decided(
                Decision.COMMIT, false, List.of(placed(0, 0), placed(1, 0), placed(2, 1))));
    assertThat(joint.visible(DEBITS)).containsExactly("first", "third");
    assertThat(joint.visible(CREDITS)).containsExactly("second");
    assertNothingIsLeft();
  }

  @Test
  void t7_aRollbackDropsEverything() {
    Handle transaction = joint.opened("order-1");
    joint.add(transaction, 0, DEBITS, "first");
    joint.add(transaction, 1, CREDITS, "second");

    assertThat(joint.rollback(transaction))
        .isEqualTo(new JointOutcome.Decided(Decision.ROLLBACK, false, List.of()));

    assertThat(joint.visible(DEBITS)).isEmpty();
    assertThat(joint.visible(CREDITS)).isEmpty();
    assertNothingIsLeft();
  }

  @Test
  void t4_repeatedRequestsFindThemselves() {
    Handle transaction = joint.opened("order-1");
    assertThat(joint.open(Scene.GROUP, "order-1"))
        .isEqualTo(new JointOutcome.Opened(transaction, true));
    assertThat(joint.add(transaction, 0, DEBITS, "first"))
        .isEqualTo(new JointOutcome.Added(DEBITS, false));
    // The server or the client may have chosen another queue of the topic for the repetition.
    assertThat(joint.add(transaction, 0, new QueueId("debits", 7), "first"))
        .isEqualTo(new JointOutcome.Added(DEBITS, true));
    assertThat(joint.add(transaction, 0, DEBITS, "another"))
        .isEqualTo(new JointOutcome.Different(0));

    JointOutcome.Decided first = (JointOutcome.Decided) joint.commit(transaction, 0);
    JointOutcome.Decided again = (JointOutcome.Decided) joint.commit(transaction, 0);

    assertThat(again.repeated()).isTrue();
    assertThat(again.holds()).isEqualTo(first.holds());
    assertThat(joint.visible(DEBITS)).containsExactly("first");
  }

  @Test
  void t6_aCommitWithAMissingHoldIsIncompleteAndChangesNothing() {
    Handle transaction = joint.opened("order-1");
    joint.add(transaction, 0, DEBITS, "first");

    assertThat(joint.commit(transaction, 0, 1, 5))
        .isEqualTo(new JointOutcome.Incomplete(List.of(1, 5)));
    assertThat(joint.visible(DEBITS)).isEmpty();

    joint.add(transaction, 1, DEBITS, "second");
    joint.add(transaction, 5, DEBITS, "third");
    assertThat(joint.commit(transaction, 0, 1, 5)).isInstanceOf(JointOutcome.Decided.class);
    assertThat(joint.visible(DEBITS)).containsExactly("first", "second", "third");
  }

  @Test
  void t5_whatACommitDoesNotNameIsDropped() {
    Handle transaction = joint.opened("order-1");
    joint.add(transaction, 0, DEBITS, "first");
    joint.add(transaction, 1, DEBITS, "given up");

    joint.commit(transaction, 0);

    assertThat(joint.visible(DEBITS)).containsExactly("first");
    assertNothingIsLeft();
    assertThat(joint.commit(transaction, 0, 1))
        .as("a repetition that names more was not obeyed, and says so")
        .isEqualTo(new JointOutcome.OtherMessages(List.of(0)));
  }

  @Test
  void t8_aCommitOfOtherMessagesIsNoRepetition() {
    Handle transaction = joint.opened("order-1");
    IntStream.of(0, 2, 7).forEach(i -> joint.add(transaction, i, DEBITS, "m" + i));
    joint.add(transaction, 4, DEBITS, "given up");
    long laterMs = scene.time.nowMs() + 60_000;
    JointMessage later = JointScene.message(Scene.GROUP, transaction, 9, DEBITS, "m9", laterMs);
    Scene.await(joint.joint().add(later));
    JointOutcome.Decided first = (JointOutcome.Decided) joint.commit(transaction, 0, 2, 7, 9);
    JointOutcome others = new JointOutcome.OtherMessages(List.of(0, 2, 7, 9));

    assertThat(joint.commit(transaction, 0)).as("a part").isEqualTo(others);
    assertThat(joint.commit(transaction)).as("none").isEqualTo(others);
    assertThat(joint.commit(transaction, 0, 2, 4, 7, 9)).as("more").isEqualTo(others);
    assertThat(joint.commit(transaction, 0, 2, 4, 9)).as("as many").isEqualTo(others);
    assertThat(scene.audits("CONFLICT")).hasSize(4);
    assertThat(scene.events.stream().filter(TransactionEvent.Conflicted.class::isInstance))
        .hasSize(4);
    scene.restart();
    assertThat(joint.commit(transaction, 0, 2, 7, 9))
        .isEqualTo(new JointOutcome.Decided(Decision.COMMIT, true, first.holds()));
    assertThat(joint.end(transaction, Decision.COMMIT, Optional.empty()))
        .as("whatever was committed")
        .isEqualTo(new JointOutcome.Decided(Decision.COMMIT, true, List.of()));
    assertThat(joint.visible(DEBITS)).containsExactly("m0", "m2", "m7");
  }

  @Test
  void t8_theNamesOfACommitAreKnownWithoutItsAuditRecord() {
    Handle transaction = joint.opened("order-1");
    IntStream.of(1, 5).forEach(i -> joint.add(transaction, i, DEBITS, "m" + i));
    joint.commit(transaction, 1, 5);
    long end = scene.storage().log().bounds(AuditTrail.QUEUE).max();
    Scene.await(scene.storage().write(WriteBatch.of(new Mutation.Trim(AuditTrail.QUEUE, end))));
    assertThat(scene.audits("DECIDED")).isEmpty();

    assertThat(joint.commit(transaction, 1))
        .isEqualTo(new JointOutcome.OtherMessages(List.of(1, 5)));
    assertThat(((JointOutcome.Decided) joint.commit(transaction, 1, 5)).repeated()).isTrue();
  }

  @Test
  void t8_aCommitIsRepeatedThoughOneOfItsMessagesWasRecalled() {
    Handle transaction = joint.opened("order-1");
    joint.add(transaction, 0, DEBITS, "now");
    long laterMs = scene.time.nowMs() + 60_000;
    JointMessage later = JointScene.message(Scene.GROUP, transaction, 1, DEBITS, "later", laterMs);
    Scene.await(joint.joint().add(later));
    joint.commit(transaction, 0, 1);
    scene
        .storage()
        .escrow()
        .due(HoldKind.DELAY, Optional.empty(), Long.MAX_VALUE, 10)
        .forEach(entry ->
            Scene.await(scene.storage().write(WriteBatch.of(new Mutation.Discard(entry.id())))));

    assertThat(joint.commit(transaction, 0, 1))
        .isEqualTo(
            new JointOutcome.Decided(Decision.COMMIT, true, List.of(placed(0, 0), placed(1, -1))));
  }

  @Test
  void t8_aDifferentDecisionIsAConflict() {
    Handle committed = joint.opened("c");
    joint.add(committed, 0, DEBITS, "first");
    joint.commit(committed, 0);
    Handle rolledBack = joint.opened("r");
    joint.add(rolledBack, 0, DEBITS, "second");
    joint.rollback(rolledBack);

    assertThat(joint.rollback(committed)).isEqualTo(new JointOutcome.Conflict(Decision.COMMIT));
    assertThat(joint.commit(rolledBack, 0)).isEqualTo(new JointOutcome.Conflict(Decision.ROLLBACK));
    assertThat(joint.visible(DEBITS)).containsExactly("first");
    assertThat(scene.audits("CONFLICT")).hasSize(2);
  }

  @Test
  void t4_afterTheDecisionNothingIsAddedOrOpened() {
    Handle transaction = joint.opened("order-1");
    joint.add(transaction, 0, DEBITS, "first");
    joint.commit(transaction, 0);

    assertThat(joint.add(transaction, 1, DEBITS, "late"))
        .isEqualTo(new JointOutcome.AlreadyDecided(transaction, Decision.COMMIT));
    assertThat(joint.open(Scene.GROUP, "order-1"))
        .isEqualTo(new JointOutcome.AlreadyDecided(transaction, Decision.COMMIT));
    scene.restart();
    assertThat(joint.add(transaction, 0, DEBITS, "first"))
        .isEqualTo(new JointOutcome.AlreadyDecided(transaction, Decision.COMMIT));
    assertThat(joint.visible(DEBITS)).containsExactly("first");
    assertNothingIsLeft();
  }

  @Test
  void t9_unknownTransactionsAndOtherGroups() {
    Handle unknown = new Handle(1, 2);
    assertThat(joint.add(unknown, 0, DEBITS, "x")).isEqualTo(new JointOutcome.NotFound());
    assertThat(joint.commit(unknown, 0)).isEqualTo(new JointOutcome.NotFound());
    Handle single = scene.prepared("single");
    assertThat(joint.add(single, 0, DEBITS, "x")).isEqualTo(new JointOutcome.NotFound());
    assertThat(joint.commit(single)).isEqualTo(new JointOutcome.NotFound());
    Handle transaction = joint.opened("order-1");
    assertThat(joint.opened("order-2")).isNotEqualTo(transaction);
    assertThat(((JointOutcome.Opened) joint.open("shop", "order-1")).transaction())
        .as("another group's key is another transaction")
        .isNotEqualTo(transaction);
    JointMessage foreign = JointScene.message("shop", transaction, 0, DEBITS, "x", 0);
    assertThat(Scene.await(joint.joint().add(foreign)))
        .isEqualTo(new JointOutcome.GroupMismatch(Scene.GROUP));
    JointEnd end =
        new JointEnd(transaction, "shop", Decision.COMMIT, Optional.empty(), Decider.producer("x"));
    assertThat(Scene.await(joint.joint().end(end)))
        .isEqualTo(new JointOutcome.GroupMismatch(Scene.GROUP));
  }

  @Test
  void i4_i5_whatWasAcknowledgedSurvivesARestart() {
    Handle transaction = joint.opened("order-1");
    joint.add(transaction, 0, DEBITS, "first");
    scene.restart();
    joint.add(transaction, 1, CREDITS, "second");
    scene.restart();
    assertThat(joint.commit(transaction, 0, 1)).isInstanceOf(JointOutcome.Decided.class);
    scene.restart();

    assertThat(((JointOutcome.Decided) joint.commit(transaction, 0, 1)).repeated()).isTrue();
    assertThat(joint.visible(DEBITS)).containsExactly("first");
    assertThat(joint.visible(CREDITS)).containsExactly("second");
  }

  @Test
  void t10_oneQuestionPerTransactionAndItsAnswerIsAboutAllOfIt() {
    scene.producers.join(Scene.GROUP, "sender");
    Handle transaction = joint.opened("order-1");
    IntStream.range(0, 5).forEach(i -> joint.add(transaction, i, DEBITS, "m" + i));

    scene.pass(Duration.ofSeconds(7));

    assertThat(scene.producers.delivered()).hasSize(1);
    CheckChannel.Question question = scene.producers.delivered().getFirst().question();
    assertThat(question.handle()).isEqualTo(transaction);
    assertThat(question.message().uniqueKey()).contains("order-1");
    assertThat(scene.end(transaction, Scene.GROUP, Decision.COMMIT, Decider.checkAnswer("sender")))
        .isInstanceOf(EndOutcome.Decided.class);
    assertThat(joint.visible(DEBITS)).containsExactly("m0", "m1", "m2", "m3", "m4");
    assertThat(
            scene.end(transaction, Scene.GROUP, Decision.ROLLBACK, Decider.checkAnswer("sender")))
        .isEqualTo(new EndOutcome.Conflict(Decision.COMMIT));
    assertNothingIsLeft();
  }

  @Test
  void t13_t14_itIsParkedAndRearmedAsOne() {
    scene.producers.join(Scene.GROUP, "sender");
    Handle transaction = joint.opened("order-1");
    joint.add(transaction, 0, DEBITS, "first");
    IntStream.range(0, 20).forEach(_ -> scene.pass(Duration.ofSeconds(31)));

    assertThat(view(transaction).state()).isEqualTo(JointView.State.PARKED);
    assertThat(scene.coordinator().statistics().parked()).isEqualTo(1);
    assertThat(scene.audits("PARKED")).hasSize(1);
    assertThat(
            Scene.await(scene.coordinator().rearm(transaction, Decider.operator("bob", "again"))))
        .isTrue();
    assertThat(view(transaction).state()).isEqualTo(JointView.State.OPEN);
    assertThat(
            scene.end(
                transaction, "", Decision.ROLLBACK, Decider.operator("bob", "ledger says no")))
        .isInstanceOf(EndOutcome.Decided.class);
    assertNothingIsLeft();
  }

  @Test
  void i14_oneAuditRecordWithAllHolds() {
    Handle transaction = joint.opened("order-1");
    joint.add(transaction, 0, DEBITS, "first");
    joint.add(transaction, 1, CREDITS, "second");
    joint.commit(transaction, 1);
    joint.commit(transaction, 1);

    assertThat(scene.audits("DECIDED"))
        .singleElement()
        .asString()
        .contains("\"key\":\"order-1\"")
        .contains(
            "\"holds\":[{\"sequence\":0,\"queue\":\"debits-0\",\"deliverAt\":0,\"decision\":\"ROLLBACK\"},"
                + "{\"sequence\":1,\"queue\":\"credits-3\",\"deliverAt\":0,\"decision\":\"COMMIT\"}]");
  }

  @Test
  void t5_aMemberWithADeliveryTimeWaitsForIt() {
    Handle transaction = joint.opened("order-1");
    joint.add(transaction, 0, DEBITS, "now");
    long laterMs = scene.time.nowMs() + 60_000;
    Scene.await(
        joint
            .joint()
            .add(JointScene.message(Scene.GROUP, transaction, 1, DEBITS, "later", laterMs)));

    assertThat(joint.commit(transaction, 0, 1))
        .isEqualTo(
            new JointOutcome.Decided(
                Decision.COMMIT,
                false,
                List.of(placed(0, 0), new JointOutcome.Placed(1, -1, laterMs))));
    assertThat(scene.events).anyMatch(TransactionEvent.Scheduled.class::isInstance);
    assertThat(joint.visible(DEBITS)).containsExactly("now");
    assertThat(scene.storage().escrow().counts().keySet())
        .extracting(group -> group.kind())
        .containsExactly(HoldKind.DELAY);
    assertThat(((JointOutcome.Decided) joint.commit(transaction, 0, 1)).holds())
        .contains(new JointOutcome.Placed(1, -1, laterMs));

    scene.time.advance(Duration.ofMinutes(2));
    scene.releaseDueDelays();

    assertThat(joint.visible(DEBITS)).containsExactly("now", "later");
  }

  @Test
  void i3_deciderAndAdditionOnTwoServersAtOnce() {
    Random random = new Random(7);
    for (int round = 0; round < (quick ? 40 : 8); round++) {
      Handle transaction = joint.opened("race-" + round);
      String first = "first-" + round;
      joint.add(transaction, 0, DEBITS, first);
      JointTransactions other = scene.another().joint();
      scene.gate().shut();
      CompletableFuture<JointOutcome.OfAdd> add =
          other
              .add(JointScene.message(Scene.GROUP, transaction, 1, DEBITS, "extra-" + round, 0))
              .toCompletableFuture();
      CompletableFuture<JointOutcome.OfEnd> end =
          joint
              .joint()
              .end(
                  new JointEnd(
                      transaction,
                      Scene.GROUP,
                      random.nextBoolean() ? Decision.COMMIT : Decision.ROLLBACK,
                      Optional.empty(),
                      Decider.operator("bob", "")))
              .toCompletableFuture();
      Awaitility.await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> scene.gate().waiting() == 2);
      scene.gate().open(random);

      JointOutcome.Decided decided = (JointOutcome.Decided) Scene.await(end);
      boolean added = Scene.await(add) instanceof JointOutcome.Added;
      boolean committed = decided.decision() == Decision.COMMIT;
      assertThat(joint.visible(DEBITS).contains(first)).isEqualTo(committed);
      assertThat(joint.visible(DEBITS).contains("extra-" + round))
          .as("an addition is in the decision, or refused")
          .isEqualTo(committed && added);
      assertNothingIsLeft();
    }
  }

  @Test
  void i16_anOpenTransactionDelaysNobody() {
    Handle open = joint.opened("slow");
    joint.add(open, 0, DEBITS, "undecided");
    for (int i = 0; i < 20; i++) {
      Handle other = joint.opened("quick-" + i);
      joint.add(other, 0, DEBITS, "quick " + i);
      joint.commit(other, 0);
      assertThat(joint.visible(DEBITS)).hasSize(i + 1).last().isEqualTo("quick " + i);
    }
  }

  @Test
  void manyMessagesAddedAtOnceAreDecidedInOneBatch() {
    Handle transaction = joint.opened("big");
    int count = quick ? JointTransactions.MAX_HOLDS : 100;
    List<CompletableFuture<JointOutcome.OfAdd>> adds = new ArrayList<>();
    for (int i = count - 1; i >= 0; i--) {
      adds.add(
          joint
              .joint()
              .add(JointScene.message(Scene.GROUP, transaction, i, DEBITS, "m" + i, 0))
              .toCompletableFuture());
    }
    assertThat(adds).allMatch(add -> Scene.await(add) instanceof JointOutcome.Added);
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            JointScene.message(
                Scene.GROUP, transaction, JointTransactions.MAX_HOLDS, DEBITS, "one more", 0));

    JointOutcome.Decided decided =
        (JointOutcome.Decided) joint.end(transaction, Decision.COMMIT, Optional.empty());

    assertThat(decided.holds()).hasSize(count);
    assertThat(joint.visible(DEBITS))
        .as("in the order of their numbers")
        .containsExactlyElementsOf(IntStream.range(0, count).mapToObj(i -> "m" + i).toList());
    assertNothingIsLeft();
  }

  @Test
  void anEmptyTransactionCanBeDecided() {
    Handle transaction = joint.opened("empty");
    assertThat(view(transaction))
        .isEqualTo(new JointView(JointView.State.OPEN, Scene.GROUP, List.of()));
    assertThat(joint.commit(transaction)).isInstanceOf(JointOutcome.Decided.class);
    assertThat(view(transaction).state()).isEqualTo(JointView.State.COMMITTED);
    assertThat(view(new Handle(3, 4)).state()).isEqualTo(JointView.State.UNKNOWN);
  }

  @Test
  void keysAreChecked() {
    for (String bad : List.of("", "k".repeat(256), "a\u0001b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new JointOpening(Scene.GROUP, bad, "sender", Optional.empty()));
    }
    assertThat(joint.opened("ü".repeat(127))).isNotNull();
  }

  private JointView view(Handle transaction) {
    return Scene.await(joint.joint().view(transaction));
  }

  private static JointOutcome.Placed placed(int sequence, long offset) {
    return new JointOutcome.Placed(sequence, offset, 0);
  }

  private void assertNothingIsLeft() {
    assertThat(scene.storage().escrow().counts()).isEqualTo(Map.of());
    assertThat(scene.storage().tables().scan(JointRows.TABLE, Bytes.EMPTY, Optional.empty(), 10))
        .isEmpty();
  }
}
