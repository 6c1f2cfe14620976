package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
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

  private static final QueueId DEBITS = new QueueId("debits", 0);
  private static final QueueId CREDITS = new QueueId("credits", 0);

  private final String engine;
  private final Scene scene;

  InvariantsTest(String engine) {
    this.engine = engine;
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

  /** Requests come twice, late, in any order, between restarts; no answer is looked at. */
  @Test
  void i7_whatACommitNamesBecomesVisibleAndNothingElse() {
    long seed = 7;
    Random random = new Random(seed);
    JointScene joint = new JointScene(scene);
    List<JointScript> scripts =
        IntStream.range(0, 12)
            .mapToObj(i -> new JointScript(joint, "t" + i, List.of(DEBITS, CREDITS), random))
            .toList();
    for (int step = 0; scripts.stream().anyMatch(JointScript::goesOn); step++) {
      List<JointScript> left = scripts.stream().filter(JointScript::goesOn).toList();
      left.get(random.nextInt(left.size())).next();
      if (step % 50 == 49) {
        scene.restart();
      }
      Set<String> visible = visibleOnBoth(joint);
      scripts.forEach(script ->
          assertThat(script.among(visible))
              .as("seed %s, transaction %s", seed, script.key())
              .isIn(Set.of(), script.named()));
    }

    Set<String> visible = visibleOnBoth(joint);
    scripts.forEach(script ->
        assertThat(script.among(visible))
            .isEqualTo(script.commits() ? script.named() : Set.<String>of()));
    assertThat(scripts).anyMatch(JointScript::commits).anyMatch(script -> !script.commits());
  }

  /** A reader of one queue and then the other never finds only the part it read first. */
  @Test
  void i7_nobodySeesAPartOfATransaction() {
    JointScene joint = new JointScene(scene);
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Integer> reader =
        CompletableFuture.supplyAsync(() -> {
          int looks = 0;
          while (!over.get()) {
            QueueId first = looks % 2 == 0 ? DEBITS : CREDITS;
            List<String> before = joint.visible(first);
            assertThat(joint.visible(first.equals(DEBITS) ? CREDITS : DEBITS)).containsAll(before);
            looks++;
          }
          return looks;
        });
    for (int i = 0; i < 50 && !reader.isDone(); i++) {
      Handle transaction = joint.opened("t" + i);
      joint.add(transaction, 0, DEBITS, "m" + i);
      joint.add(transaction, 1, CREDITS, "m" + i);
      joint.commit(transaction, 0, 1);
    }
    over.set(true);

    assertThat(Scene.await(reader)).isPositive();
    assertThat(joint.visible(CREDITS)).hasSize(50);
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

  /**
   * In the large: {@link ManyOpenTransactionsTest}. The two stores take turns, so what else the
   * machine does slows both.
   */
  @Test
  void i16_openTransactionsDelayNobody() {
    List<CompletableFuture<HalfOutcome>> open =
        IntStream.range(0, 1000)
            .mapToObj(i -> scene.half("away", "gone", Scene.QUEUE, "open-" + i, 0))
            .map(half -> scene.coordinator().prepare(half).toCompletableFuture())
            .toList();
    open.forEach(Scene::await);
    scene.pass(Duration.ofMinutes(1));
    Handle other = scene.prepared("other");
    scene.producers.join(Scene.GROUP, "sender");

    scene.pass(Duration.ofSeconds(6));
    assertThat(scene.producers.deliveredFor(other)).as("asked in its turn").isEqualTo(1);
    scene.end(other, Decision.COMMIT);
    assertThat(scene.visible(Scene.QUEUE))
        .as("visible, though older ones of its queue are open")
        .singleElement()
        .satisfies(message -> assertThat(message.queueOffset()).isZero());

    TimeSource clock = TimeSource.system();
    try (Scene empty = new Scene(CheckPolicy.DEFAULT, Sabotage.NONE, engine)) {
      int sends = 101;
      long[] full = new long[sends];
      long[] alone = new long[sends];
      for (int i = 0; i < sends; i++) {
        alone[i] = plainSendNs(empty, i, clock);
        full[i] = plainSendNs(scene, i, clock);
      }
      Arrays.sort(full);
      Arrays.sort(alone);
      assertThat(full[sends / 2])
          .as("median of a plain send, ns")
          .isLessThan(3 * alone[sends / 2] + 2_000_000);
    }
    assertThat(scene.visible(Scene.QUEUE)).hasSize(102);
  }

  private static long plainSendNs(Scene where, int number, TimeSource clock) {
    Message message = SampleMessages.builder(Scene.QUEUE, "plain " + number).build();
    long start = clock.nanos();
    Scene.await(where.storage().write(WriteBatch.of(new Mutation.Append(Scene.QUEUE, message))));
    return clock.nanos() - start;
  }

  private static Set<String> visibleOnBoth(JointScene joint) {
    Set<String> visible = new HashSet<>(joint.visible(DEBITS));
    visible.addAll(joint.visible(CREDITS));
    return visible;
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
