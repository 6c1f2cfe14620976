package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CheckSchedulerTest {

  /** More than the scheduler walks through in a run. */
  private static final int BACKLOG = 45_000;

  private Scene scene = new Scene();

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void aReturningGroupIsAskedWithARamp() {
    prepare(Scene.GROUP, 2_000);
    scene.pass(Duration.ofMinutes(1));
    scene.producers.join(Scene.GROUP, "returned");
    scene.coordinator().memberArrived(Scene.GROUP);
    int[] asked = new int[12];
    for (int second = 0; second < asked.length; second++) {
      int before = scene.producers.delivered().size();
      for (int i = 0; i < 10; i++) {
        scene.pass(Duration.ofMillis(100));
      }
      asked[second] = scene.producers.delivered().size() - before;
    }

    assertThat(asked[0]).isBetween(10, 120);
    assertThat(asked[2]).isBetween(100, 250);
    assertThat(IntStream.of(asked).max().orElseThrow()).isLessThanOrEqualTo(600);
    assertThat(asked[2]).isGreaterThan(asked[0]);
    assertThat(IntStream.of(asked).sum()).isGreaterThanOrEqualTo(2_000);
  }

  @Test
  void manyOfOneAbsentGroupDoNotDelayAnother() {
    prepare("absent", 3_000);
    scene.producers.join(Scene.GROUP, "sender");
    prepare(Scene.GROUP, 3);

    scene.pass(Duration.ofSeconds(6));
    assertThat(scene.producers.delivered()).hasSize(3);
    scene.pass(Duration.ofSeconds(30));
    assertThat(scene.producers.delivered()).hasSize(6);
    scene.pass(Duration.ofSeconds(30));
    assertThat(scene.producers.delivered()).hasSize(9);
  }

  @Test
  void aQuestionDoesNotWaitForTheWalkThroughAnotherGroupsBacklog() {
    prepare("absent", BACKLOG);
    scene.producers.join(Scene.GROUP, "sender");
    prepare(Scene.GROUP, 5);

    scene.pass(Duration.ofSeconds(6));
    assertThat(scene.producers.delivered()).as("first questions, in one run").hasSize(5);
    scene.pass(Duration.ofSeconds(30));
    assertThat(scene.producers.delivered()).as("second questions, in one run").hasSize(10);
  }

  @Test
  void aQuestionThatFallsDueAfterARestartDoesNotWaitForWhatWasDueBefore() {
    prepare("absent", BACKLOG);
    scene.time.advance(Duration.ofSeconds(3));
    prepare(Scene.GROUP, 5);
    scene.time.advance(Duration.ofSeconds(4));
    scene.restart();
    scene.producers.join(Scene.GROUP, "sender");
    scene.runDue();
    assertThat(scene.producers.delivered()).isEmpty();

    scene.pass(Duration.ofSeconds(2));

    assertThat(scene.producers.delivered()).hasSize(5);
  }

  @Test
  void aReturningGroupDoesNotWaitForTheWalkThroughAnotherGroupsBacklog() {
    prepare("absent", BACKLOG);
    prepare(Scene.GROUP, 5);
    scene.pass(Duration.ofSeconds(6));
    for (int i = 0; i < 10; i++) {
      scene.pass(Duration.ofMillis(100));
    }
    assertThat(scene.producers.delivered()).isEmpty();

    scene.producers.join(Scene.GROUP, "returned");
    scene.coordinator().memberArrived(Scene.GROUP);
    scene.pass(Duration.ofMillis(100));

    assertThat(scene.producers.delivered()).hasSize(5);
  }

  @Test
  void aQuestionThatCouldNotBeWrittenIsTriedAgainWithoutTheWalk() {
    prepare("absent", BACKLOG);
    prepare(Scene.GROUP, 1);
    scene.producers.join(Scene.GROUP, "sender");
    scene.producers.makeDeaf(Scene.GROUP);
    scene.pass(Duration.ofSeconds(6));
    for (int i = 0; i < 4; i++) {
      scene.pass(Duration.ofSeconds(5));
    }
    scene.producers.makeHear(Scene.GROUP);
    assertThat(scene.producers.delivered()).isEmpty();

    scene.pass(Duration.ofSeconds(5));

    assertThat(scene.producers.delivered()).hasSize(1);
  }

  @Test
  void anAbsentGroupIsNotLookedUpForEachOfItsTransactions() {
    prepare("absent", 1_000);
    int before = scene.producers.reachableCalls();
    scene.pass(Duration.ofSeconds(6));
    scene.pass(Duration.ofSeconds(6));

    assertThat(scene.producers.reachableCalls() - before).isLessThanOrEqualTo(2);
  }

  @Test
  void oneUnreadableTransactionDoesNotDelayTheOthers() {
    scene.producers.join(Scene.GROUP, "sender");
    holdGarbage(new Handle(1, 1), Bytes.of((byte) 1, (byte) 2));
    byte[] ofTheFuture = new byte[64];
    ofTheFuture[0] = 0x54;
    ofTheFuture[1] = 99;
    holdGarbage(new Handle(1, 2), Bytes.wrap(ofTheFuture));
    prepare(Scene.GROUP, 3);

    scene.pass(Duration.ofSeconds(10));

    assertThat(scene.producers.delivered()).hasSize(3);
    assertThat(scene.coordinator().statistics().checkErrors()).isEqualTo(2);
    scene.pass(Duration.ofSeconds(10));
    assertThat(scene.coordinator().statistics().checkErrors()).isEqualTo(2);
    assertThat(scene.hold(new Handle(1, 2)).attributes()).isEqualTo(Bytes.wrap(ofTheFuture));
  }

  @Test
  void aRestartResumesChecksWithTheirCount() {
    Handle handle = prepare(Scene.GROUP, 1).getFirst();
    scene.producers.join(Scene.GROUP, "sender");
    scene.pass(Duration.ofSeconds(6));
    scene.restart();
    scene.runDue();
    assertThat(scene.producers.delivered()).hasSize(1);

    scene.pass(Duration.ofSeconds(30));

    assertThat(scene.producers.delivered()).hasSize(2);
    assertThat(scene.producers.delivered().getLast().question().attempt()).isEqualTo(2);
    assertThat(scene.attributes(handle).attempts()).isEqualTo(2);
  }

  @Test
  void aHoldThatLandedLateBehindTheFrontIsFound() {
    scene.producers.join(Scene.GROUP, "sender");
    prepare(Scene.GROUP, 1);
    scene.gate().shut();
    var slow = scene.coordinator().prepare(half(Scene.GROUP, "late"));
    var random = new java.util.Random(1);
    scene.time.advance(Duration.ofSeconds(20));
    var checks = scene.coordinator().runDue(scene.time.nowMs());
    scene.gate().open(random);
    Scene.await(checks);
    Scene.await(slow);

    scene.pass(Duration.ofSeconds(6));

    assertThat(scene.producers.delivered()).hasSize(2);
  }

  @Test
  void aFailingChannelCountsAsNotWritten() {
    Handle handle = prepare(Scene.GROUP, 1).getFirst();
    scene.producers.join(Scene.GROUP, "sender");
    scene.producers.breakDown(Scene.GROUP);
    scene.pass(Duration.ofMinutes(1));
    scene.pass(Duration.ofMinutes(1));
    assertThat(scene.attributes(handle).attempts()).isZero();
    assertThat(scene.coordinator().statistics().checkErrors()).isPositive();

    scene.producers.makeHear(Scene.GROUP);
    scene.pass(Duration.ofMinutes(1));

    assertThat(scene.attributes(handle).attempts()).isEqualTo(1);
  }

  @Test
  void anArrivalForWhichNothingWaitsStartsNoSweep() {
    prepare("absent", 10);
    scene.pass(Duration.ofSeconds(6));
    int before = scene.producers.reachableCalls();

    scene.coordinator().memberArrived("stranger");
    scene.pass(Duration.ofMillis(100));
    assertThat(scene.producers.reachableCalls()).isEqualTo(before);

    scene.producers.join("absent", "returned");
    scene.coordinator().memberArrived("absent");
    scene.pass(Duration.ofMillis(100));
    assertThat(scene.producers.delivered()).hasSize(10);
  }

  @Test
  void aStalePageAsksNobodyTwice() {
    Handle handle = prepare(Scene.GROUP, 1).getFirst();
    scene.producers.join(Scene.GROUP, "sender");
    scene.time.advance(Duration.ofSeconds(6));
    EventRelay events = new EventRelay(scene.time, _ -> {});
    Questions questions =
        new Questions(
            scene.storage(),
            new CheckScheduler.Parts(
                new Decisions(RuleBook.open(scene.storage(), scene.time, CheckRules.DEFAULT)),
                CheckPolicy.DEFAULT,
                scene.producers,
                events,
                new Agenda(0)),
            new GroupPaces(CheckPolicy.DEFAULT, scene.producers),
            _ -> {},
            scene.coordinator()::end);
    HoldEntry stale = scene.hold(handle);
    questions.visit(stale, scene.time.nowMs());
    Scene.await(questions.takeRunning());

    questions.visit(stale, scene.time.nowMs());
    Scene.await(questions.takeRunning());

    assertThat(scene.producers.delivered()).hasSize(1);
    assertThat(scene.attributes(handle).attempts()).isEqualTo(1);
  }

  @Test
  void whileAQuestionIsBeingRecordedItIsNotAskedAgain() {
    Handle handle = prepare(Scene.GROUP, 1).getFirst();
    scene.producers.join(Scene.GROUP, "sender");
    scene.gate().shut();
    scene.time.advance(Duration.ofSeconds(6));
    var slow = scene.coordinator().runDue(scene.time.nowMs());
    assertThat(scene.gate().waiting()).isEqualTo(1);

    for (int i = 0; i < 12; i++) {
      scene.time.advance(Duration.ofSeconds(5));
      Scene.await(scene.coordinator().runDue(scene.time.nowMs()));
    }
    assertThat(scene.producers.delivered()).hasSize(1);
    scene.gate().open(new java.util.Random(1));
    Scene.await(slow);
    scene.pass(Duration.ofSeconds(30));
    scene.pass(Duration.ofSeconds(30));

    assertThat(scene.producers.delivered())
        .extracting(delivered -> delivered.question().attempt())
        .startsWith(1, 2)
        .doesNotHaveDuplicates();
    assertThat(scene.attributes(handle).attempts()).isEqualTo(scene.producers.delivered().size());
  }

  @Test
  void whileATransactionIsBeingParkedItIsNotParkedAgain() {
    prepare(Scene.GROUP, 1);
    scene.gate().shut();
    scene.time.advance(CheckRules.DEFAULT.maxAge());
    var slow = scene.coordinator().runDue(scene.time.nowMs());
    for (int i = 0; i < 12; i++) {
      scene.time.advance(Duration.ofSeconds(5));
      Scene.await(scene.coordinator().runDue(scene.time.nowMs()));
    }
    assertThat(scene.gate().waiting()).isEqualTo(1);
    scene.gate().open(new java.util.Random(1));
    Scene.await(slow);

    assertThat(scene.audits("PARKED")).hasSize(1);
  }

  @Test
  void aQuestionWhoseRecordFailedIsAskedAgainUnderItsNumber() {
    AtomicInteger failing = new AtomicInteger();
    scene.close();
    scene =
        new Scene(
            CheckPolicy.DEFAULT,
            inner -> new WithoutReschedules(inner, failing),
            UnaryOperator.identity(),
            StoreUnderTest.CHOSEN);
    Handle handle = prepare(Scene.GROUP, 1).getFirst();
    scene.producers.join(Scene.GROUP, "sender");
    failing.set(1);
    scene.pass(Duration.ofSeconds(6));
    assertThat(scene.attributes(handle).attempts()).isZero();

    scene.pass(Duration.ofSeconds(10));

    assertThat(scene.producers.delivered())
        .extracting(delivered -> delivered.question().attempt())
        .containsExactly(1, 1);
    assertThat(scene.attributes(handle).attempts()).isEqualTo(1);
  }

  /** Fails so many writes that reschedule. */
  private static final class WithoutReschedules extends ForwardingStorage {
    private final AtomicInteger failing;

    WithoutReschedules(Storage inner, AtomicInteger failing) {
      super(inner);
      this.failing = failing;
    }

    @Override
    public CompletionStage<WriteReceipt> write(WriteBatch batch) {
      boolean reschedules =
          batch.mutations().stream().anyMatch(Mutation.Reschedule.class::isInstance);
      return reschedules && failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0
          ? CompletableFuture.failedFuture(
              new StorageException.Unavailable(
                  StorageException.Kind.RETRIABLE, "as the test wants it", "none"))
          : super.write(batch);
    }
  }

  @Test
  void aClockSetBackDoesNotLoseNewTransactions() {
    scene.producers.join(Scene.GROUP, "sender");
    prepare(Scene.GROUP, 1);
    scene.pass(Duration.ofSeconds(6));
    scene.time.stepWallTo(scene.time.nowMs() - Duration.ofHours(1).toMillis());
    prepare(Scene.GROUP, 2);
    scene.pass(Duration.ofSeconds(6));

    assertThat(scene.producers.delivered()).hasSize(3);
  }

  @Test
  void theOwnThreadAsksWhatIsDueAndStops() {
    scene.producers.join(Scene.GROUP, "sender");
    scene.coordinator().start();
    prepare(Scene.GROUP, 1);
    scene.time.advance(Duration.ofSeconds(6));

    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> scene.producers.delivered().size() == 1);
    scene.coordinator().close();
    scene.time.advance(Duration.ofSeconds(30));
    assertThat(scene.producers.delivered()).hasSize(1);
  }

  @Test
  void noLimitMeansAskedForEver() {
    scene.close();
    CheckPolicy base = CheckPolicy.DEFAULT;
    scene =
        new Scene(
            new CheckPolicy(
                CheckRules.regular(
                    base.rules().first(), base.rules().interval(), 0, base.rules().maxAge()),
                base.groupRatePerSecond(),
                base.groupBurst(),
                base.ramp()));
    Handle handle = prepare(Scene.GROUP, 1).getFirst();
    scene.producers.join(Scene.GROUP, "sender");
    for (int i = 0; i < 40; i++) {
      scene.pass(Duration.ofSeconds(30));
    }

    assertThat(scene.attributes(handle).attempts()).isEqualTo(40);
    assertThat(scene.hold(handle).kind()).isEqualTo(HoldKind.TRANSACTION);
  }

  private List<Handle> prepare(String group, int count) {
    int from = scene.events.size();
    return IntStream.range(from, from + count)
        .mapToObj(i -> scene.prepare(half(group, group + "-" + i)))
        .map(outcome -> ((HalfOutcome.Prepared) outcome).handle())
        .toList();
  }

  private HalfMessage half(String group, String key) {
    return scene.half(group, "sender", Scene.QUEUE, key, 0);
  }

  private void holdGarbage(Handle handle, Bytes attributes) {
    Scene.await(
        scene
            .storage()
            .write(
                WriteBatch.of(
                    new Mutation.Hold(
                        handle.holdId(),
                        Scene.QUEUE,
                        SampleMessages.message(Scene.QUEUE, "?"),
                        HoldKind.TRANSACTION,
                        scene.time.nowMs(),
                        attributes))));
  }
}
