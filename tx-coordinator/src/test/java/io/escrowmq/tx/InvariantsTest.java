package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The invariants of {@code docs/transactions.md} that one coordinator can be held to, on every
 * engine.
 */
@ParameterizedClass
@ValueSource(strings = {"memory", "commitlog", "rocksdb", "h2", "postgresql"})
final class InvariantsTest {

  private final Scene scene;

  InvariantsTest(String engine) {
    scene = new Scene(CheckPolicy.DEFAULT, Sabotage.NONE, engine);
  }

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void i1_visibleIffCommitted() {
    Map<String, Handle> handles = prepare(30);
    handles.forEach((key, handle) -> {
      switch (key.hashCode() % 3) {
        case 0 -> scene.end(handle, Decision.COMMIT);
        case 1 -> scene.end(handle, Decision.ROLLBACK);
        default -> assertThat(scene.hold(handle)).isNotNull();
      }
    });
    List<String> committed =
        handles.keySet().stream().filter(key -> key.hashCode() % 3 == 0).toList();

    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactlyInAnyOrderElementsOf(committed);
    scene.restart();
    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactlyInAnyOrderElementsOf(committed);
  }

  @Test
  void i2_atMostOneVisibleCopyPerHold() {
    Handle handle = scene.prepared("k");
    for (int i = 0; i < 5; i++) {
      scene.end(handle, Decision.COMMIT);
      scene.prepare(scene.half("k"));
      scene.restart();
    }

    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactly("k");
  }

  @Test
  void i3_aDecisionIsNeverReversedAndEveryReplyTellsTheSame() {
    Map<String, Handle> handles = prepare(20);
    handles.values().forEach(handle -> assertOneDecision(handle, 6));
  }

  @Test
  void i4_anAcknowledgedDecisionSurvivesARestart() {
    Handle committed = scene.prepared("c");
    Handle rolledBack = scene.prepared("r");
    scene.end(committed, Decision.COMMIT);
    scene.end(rolledBack, Decision.ROLLBACK);

    scene.restart();

    assertThat(scene.end(committed, Decision.COMMIT)).isInstanceOf(EndOutcome.Repeated.class);
    assertThat(scene.end(rolledBack, Decision.ROLLBACK)).isInstanceOf(EndOutcome.Repeated.class);
  }

  @Test
  void i5_anAcknowledgedHalfIsHeldOrDecidedAfterARestart() {
    Map<String, Handle> handles = prepare(10);
    scene.end(handles.get("key-3"), Decision.COMMIT);

    scene.restart();

    handles
        .values()
        .forEach(handle ->
            assertThat(scene.storage().escrow().status(handle.holdId()).state())
                .isNotEqualTo(HoldStatus.State.UNKNOWN));
    assertThat(scene.end(handles.get("key-4"), Decision.COMMIT))
        .isInstanceOf(EndOutcome.Decided.class);
  }

  @Test
  void i6_nothingUndecidedIsVisible() {
    prepare(10);
    scene.producers.join(Scene.GROUP, "sender");
    for (int i = 0; i < 20; i++) {
      scene.pass(Duration.ofSeconds(30));
      assertThat(scene.visible(Scene.QUEUE)).isEmpty();
    }
    scene.pass(Duration.ofDays(4));
    assertThat(scene.visible(Scene.QUEUE)).isEmpty();
  }

  @Test
  void i8_whereAMemberTellsTheTruthEverythingIsDecidedInTime() {
    Map<String, Handle> handles = prepare(20);
    scene.producers.join(Scene.GROUP, "deaf");
    scene.producers.makeDeaf(Scene.GROUP);
    scene.pass(Duration.ofMinutes(10));
    scene.restart();
    scene.producers.makeHear(Scene.GROUP);
    Set<Handle> open = new HashSet<>(handles.values());
    for (int round = 0; round < 20 && !open.isEmpty(); round++) {
      int answered = scene.producers.delivered().size();
      scene.pass(Duration.ofMinutes(1));
      for (FakeProducers.Delivered asked :
          scene.producers.delivered().stream().skip(answered).toList()) {
        Decider decider = Decider.checkAnswer("deaf");
        scene.end(asked.question().handle(), Scene.GROUP, Decision.COMMIT, decider);
        open.remove(asked.question().handle());
      }
    }

    assertThat(open).isEmpty();
    assertThat(scene.visibleKeys(Scene.QUEUE))
        .containsExactlyInAnyOrderElementsOf(handles.keySet());
  }

  @Test
  void i9_timeMembersAndClockStepsDecideNothing() {
    Handle handle = scene.prepared("k");
    scene.pass(Duration.ofDays(30));
    scene.time.stepWallTo(scene.time.nowMs() - Duration.ofDays(60).toMillis());
    scene.producers.join(Scene.GROUP, "sender");
    scene.coordinator().memberArrived(Scene.GROUP);
    scene.runDue();
    scene.producers.leaveAll();
    scene.restart();
    scene.runDue();

    assertThat(scene.storage().escrow().status(handle.holdId())).isEqualTo(HoldStatus.HELD);
    assertThat(scene.end(handle, Decision.COMMIT)).isInstanceOf(EndOutcome.Decided.class);
  }

  @Test
  void i10_attemptsAreQuestionsThatWereReallyDelivered() {
    Handle handle = scene.prepared("k");
    scene.pass(Duration.ofMinutes(5));
    scene.producers.join(Scene.GROUP, "sender");
    scene.producers.makeDeaf(Scene.GROUP);
    scene.pass(Duration.ofMinutes(5));
    scene.pass(Duration.ofMinutes(5));
    assertThat(scene.attributes(handle).attempts()).isZero();

    scene.producers.makeHear(Scene.GROUP);
    scene.pass(Duration.ofMinutes(5));
    scene.pass(Duration.ofMinutes(5));

    assertThat(scene.attributes(handle).attempts())
        .isEqualTo((int) scene.producers.deliveredFor(handle))
        .isPositive();
  }

  @Test
  void i11_offsetsAreDenseAndARestartMovesNothing() {
    Map<String, Handle> handles = prepare(20);
    handles.values().stream().skip(10).forEach(handle -> scene.end(handle, Decision.COMMIT));
    List<String> seen = scene.visibleKeys(Scene.QUEUE);

    scene.restart();
    handles.values().stream().limit(10).forEach(handle -> scene.end(handle, Decision.COMMIT));

    List<Message> all = scene.visible(Scene.QUEUE);
    assertThat(scene.visibleKeys(Scene.QUEUE)).hasSize(20).startsWith(seen.toArray(String[]::new));
    assertThat(all.stream().map(Message::queueOffset))
        .containsExactlyElementsOf(LongStream.range(0, 20).boxed().toList());
  }

  @Test
  void i12_messagesOfAQueueBecomeVisibleInTheOrderOfTheirCommits() {
    Map<String, Handle> handles = prepare(20);
    List<String> order = new ArrayList<>(handles.keySet());
    Collections.shuffle(order, new Random(12));
    order.forEach(key -> scene.end(handles.get(key), Decision.COMMIT));

    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactlyElementsOf(order);
  }

  @Test
  void i13_checksDoNotRewriteTheBody() {
    Handle handle = scene.prepared("k");
    Message before = scene.storage().escrow().get(handle.holdId()).orElseThrow().message();
    scene.producers.join(Scene.GROUP, "sender");
    for (int i = 0; i < 5; i++) {
      scene.pass(Duration.ofSeconds(30));
    }
    scene.end(handle, Decision.COMMIT);

    assertThat(scene.producers.delivered()).hasSize(5);
    Message visible = scene.visible(Scene.QUEUE).getFirst();
    assertThat(visible.body()).isEqualTo(before.body());
    assertThat(visible.propertiesText()).isEqualTo(before.propertiesText());
  }

  @Test
  void i14_everyDecisionHasOneAuditRecordWithWhoWhyAndWhen() {
    Handle byProducer = scene.prepared("a");
    Handle byCheck = scene.prepared("b");
    Handle byHand = scene.prepared("say \"c\"\n");
    scene.end(byProducer, Decision.COMMIT);
    scene.end(byCheck, Scene.GROUP, Decision.ROLLBACK, Decider.checkAnswer("other"));
    scene.end(byHand, "", Decision.COMMIT, Decider.operator("alice", "ledger, page \\7"));
    scene.end(byHand, "", Decision.COMMIT, Decider.operator("alice", "again"));

    List<String> records = scene.audits("DECIDED");
    assertThat(records).hasSize(3);
    assertThat(records.get(0))
        .isEqualTo(
            "{\"v\":1,\"event\":\"DECIDED\",\"at\":"
                + scene.time.nowMs()
                + ",\"handle\":\""
                + byProducer
                + "\",\"group\":\"bank\",\"key\":\"a\",\"queue\":\"transfers-0\",\"by\":\"PRODUCER\","
                + "\"identity\":\"sender\",\"reason\":\"\",\"attempts\":0,\"decision\":\"COMMIT\","
                + "\"deliverAt\":0,\"heldAt\":"
                + scene.time.nowMs()
                + "}");
    assertThat(records.get(1)).contains("\"by\":\"CHECK_ANSWER\",\"identity\":\"other\"");
    assertThat(records.get(2))
        .contains("\"key\":\"say \\\"c\\\"\\u000a\"", "\"reason\":\"ledger, page \\\\7\"");
    assertThat(scene.visible(AuditTrail.QUEUE).get(0).keys())
        .containsExactly(byProducer.toString(), "a");
  }

  private Map<String, Handle> prepare(int count) {
    Map<String, Handle> handles = new HashMap<>();
    IntStream.range(0, count)
        .mapToObj(i -> "key-" + i)
        .forEach(key -> handles.put(key, scene.prepared(key)));
    return handles;
  }

  /** Real threads: everybody wants something, one wins, all are told the same. */
  private void assertOneDecision(Handle handle, int deciders) {
    List<CompletableFuture<EndOutcome>> replies =
        IntStream.range(0, deciders)
            .mapToObj(i ->
                CompletableFuture.supplyAsync(
                    () -> scene.end(handle, i % 2 == 0 ? Decision.COMMIT : Decision.ROLLBACK)))
            .toList();
    List<EndOutcome> outcomes = replies.stream().map(CompletableFuture::join).toList();
    List<EndOutcome.Decided> winners =
        outcomes.stream()
            .filter(EndOutcome.Decided.class::isInstance)
            .map(EndOutcome.Decided.class::cast)
            .toList();
    assertThat(winners).hasSize(1);
    Decision decision = winners.getFirst().decision();
    assertThat(outcomes.stream().filter(EndOutcome.Repeated.class::isInstance))
        .hasSize(deciders / 2 - 1)
        .allMatch(it -> ((EndOutcome.Repeated) it).decision() == decision);
    assertThat(outcomes.stream().filter(EndOutcome.Conflict.class::isInstance))
        .hasSize(deciders / 2)
        .allMatch(it -> ((EndOutcome.Conflict) it).recorded() == decision);
  }
}
