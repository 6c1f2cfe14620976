package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.testkit.ManualTimeSource;
import io.escrowmq.tx.ExternalCheck.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Checks outside: they decide like everybody else, and trouble with one is its own. */
final class ExternalChecksTest {

  private static final String OUTSIDE = "outside";

  private final FakeCheck check = new FakeCheck();
  private final ManualTimeSource pauses = new ManualTimeSource();
  private final Scene scene =
      new Scene(
          CheckPolicy.DEFAULT,
          members -> new ExternalChecks(Map.of(OUTSIDE, check), members, pauses));

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void anAnswerDecidesAndIsAuditedWithTheWayItCame() {
    Handle commit = prepared("c");
    Handle rollback = prepared("r");
    check.answers.put(commit, new Answer.Decided(Decision.COMMIT));
    check.answers.put(rollback, new Answer.Decided(Decision.ROLLBACK));
    pass(Duration.ofSeconds(6));

    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactly("c");
    assertThat(scene.audits("DECIDED"))
        .hasSize(2)
        .allMatch(it -> it.contains("\"by\":\"HTTP_CHECK\",\"identity\":\"the-check\""));
    assertThat(scene.coordinator().statistics().answered()).isEqualTo(2);
    assertThat(scene.end(commit, OUTSIDE, Decision.ROLLBACK, Decider.producer("p")))
        .isEqualTo(new EndOutcome.Conflict(Decision.COMMIT));
  }

  @Test
  void unknownIsAskedAgainByTheRulesAndCounted() {
    Handle handle = prepared("k");
    pass(Duration.ofSeconds(6));
    assertThat(scene.attributes(handle).attempts()).isEqualTo(1);
    assertThat(scene.hold(handle).wakeAtMs()).isEqualTo(scene.time.nowMs() + 30_000);
  }

  @Test
  void whoWantsToBeAskedLaterIsAskedLater() {
    Handle handle = prepared("k");
    check.answers.put(handle, new Answer.Later(Duration.ofMinutes(10)));
    pass(Duration.ofSeconds(6));
    assertThat(scene.hold(handle).wakeAtMs()).isEqualTo(scene.time.nowMs() + 600_000);
    check.answers.put(handle, new Answer.Later(Duration.ofDays(400)));
    pass(Duration.ofMinutes(10));
    assertThat(scene.hold(handle).wakeAtMs())
        .isEqualTo(scene.time.nowMs() + Duration.ofDays(1).toMillis());
  }

  @Test
  void aCheckThatIsAwayForADayCountsNothingAndSettlesAllWhenItIsBack() {
    List<Handle> handles = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      handles.add(prepared("k" + i));
    }
    check.away = true;
    for (int i = 0; i < 24 * 12; i++) {
      pass(Duration.ofMinutes(5));
    }
    assertThat(handles).allMatch(handle -> scene.attributes(handle).attempts() == 0);
    // Left alone for a minute at most, it was not asked for each transaction each time.
    assertThat(check.asked).isLessThan(24 * 12 * 4);

    check.away = false;
    check.otherwise = new Answer.Decided(Decision.COMMIT);
    for (int i = 0; i < 60; i++) {
      pass(Duration.ofSeconds(5));
    }
    assertThat(scene.visible(Scene.QUEUE)).hasSize(50);
  }

  @Test
  void aSlowCheckDelaysNoOtherGroup() {
    List<CompletableFuture<Answer>> waiting = new ArrayList<>();
    check.slow = Optional.of(waiting);
    for (int i = 0; i < 100; i++) {
      prepared("slow" + i);
    }
    Handle other = scene.prepared("other");
    scene.producers.join(Scene.GROUP, "sender");
    scene.time.advance(Duration.ofSeconds(6));
    CompletionStage<Void> run = scene.coordinator().runDue(scene.time.nowMs());

    assertThat(waiting).hasSize(check.maxConcurrent());
    assertThat(scene.producers.deliveredFor(other)).isEqualTo(1);
    waiting.forEach(it -> it.complete(new Answer.Decided(Decision.COMMIT)));
    Scene.await(run);
    assertThat(scene.visible(Scene.QUEUE)).hasSize(check.maxConcurrent());
  }

  @Test
  void groupsWithoutACheckAreAskedAsEver() {
    Handle handle = scene.prepared("k");
    pass(Duration.ofSeconds(6));
    assertThat(scene.attributes(handle).attempts()).isZero();
    scene.producers.join(Scene.GROUP, "sender");
    scene.coordinator().memberArrived(Scene.GROUP);
    pass(Duration.ofSeconds(1));
    assertThat(scene.producers.deliveredFor(handle)).isEqualTo(1);
    assertThat(check.asked).isZero();
  }

  /** The clock of the scene is not there yet when the way to the check is made. */
  private void pass(Duration duration) {
    pauses.advance(duration);
    scene.pass(duration);
  }

  private Handle prepared(String key) {
    return ((HalfOutcome.Prepared)
            scene.prepare(scene.half(OUTSIDE, "sender", Scene.QUEUE, key, 0)))
        .handle();
  }

  private static final class FakeCheck implements ExternalCheck {
    private final Map<Handle, Answer> answers = new HashMap<>();
    private Answer otherwise = new Answer.Unknown();
    private Optional<List<CompletableFuture<Answer>>> slow = Optional.empty();
    private boolean away;
    private int asked;

    @Override
    public Decider.Kind kind() {
      return Decider.Kind.HTTP_CHECK;
    }

    @Override
    public String name() {
      return "the-check";
    }

    @Override
    public int maxConcurrent() {
      return 8;
    }

    @Override
    public CompletionStage<Answer> ask(CheckChannel.Question question) {
      asked++;
      if (away) {
        return CompletableFuture.failedFuture(new IllegalStateException("away"));
      }
      CompletableFuture<Answer> answer = new CompletableFuture<>();
      if (slow.isPresent()) {
        slow.get().add(answer);
      } else {
        answer.complete(answers.getOrDefault(question.handle(), otherwise));
      }
      return answer;
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
