package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OperatorDecisionsTest {

  private static final OperatorDecisions.FourEyes TWO =
      new OperatorDecisions.FourEyes(true, Duration.ofMinutes(30));

  private final Scene scene = new Scene();

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void oneOperatorDecidesWithAReasonThatIsAudited() {
    Handle handle = scene.prepared("k");
    scene.pass(Duration.ofDays(4));

    assertThat(
            desk(OperatorDecisions.FourEyes.OFF)
                .decide(handle, Decision.COMMIT, "ann@host", "ticket 7"))
        .isEqualTo(
            new OperatorOutcome.Ended(new EndOutcome.Decided(Decision.COMMIT, 0, position(), 0)));
    assertThat(scene.audits("DECIDED"))
        .singleElement()
        .asString()
        .contains("\"by\":\"OPERATOR\"", "\"identity\":\"ann@host\"", "\"reason\":\"ticket 7\"");
  }

  @Test
  void withoutAReasonOrANameNothingHappens() {
    Handle handle = scene.prepared("k");
    OperatorDecisions desk = desk(OperatorDecisions.FourEyes.OFF);
    for (String reason : List.of("", "  ", "x".repeat(501))) {
      assertThatThrownBy(() -> desk.decide(handle, Decision.COMMIT, "ann", reason))
          .hasMessageContaining("reason");
      assertThatThrownBy(() -> desk.rearm(handle, "ann", reason)).hasMessageContaining("reason");
    }
    assertThatThrownBy(() -> desk.decide(handle, Decision.COMMIT, " ", "why"))
        .hasMessageContaining("name");
    assertThat(scene.visible(Scene.QUEUE)).isEmpty();
  }

  @Test
  void fourEyesTakeTwoDifferentOperators() {
    Handle handle = scene.prepared("k");
    OperatorDecisions desk = desk(TWO);

    assertThat(desk.decide(handle, Decision.COMMIT, "ann", "ticket 7"))
        .isInstanceOf(OperatorOutcome.Proposed.class);
    assertThat(desk.decide(handle, Decision.COMMIT, "ann", "really"))
        .isInstanceOf(OperatorOutcome.OwnProposal.class);
    assertThat(desk.decide(handle, Decision.ROLLBACK, "bob", "no"))
        .isInstanceOf(OperatorOutcome.OtherProposal.class);
    assertThat(scene.visible(Scene.QUEUE)).isEmpty();
    assertThat(desk.proposals()).hasSize(1);

    scene.restart();
    OperatorDecisions again = desk(TWO);
    assertThat(again.decide(handle, Decision.COMMIT, "bob", "seen"))
        .isInstanceOf(OperatorOutcome.Ended.class);
    assertThat(scene.visibleKeys(Scene.QUEUE)).containsExactly("k");
    assertThat(again.proposals()).isEmpty();
    assertThat(scene.audits("PROPOSED")).hasSize(1);
    assertThat(scene.audits("CONFIRMED")).hasSize(1);
    assertThat(scene.audits("DECIDED"))
        .singleElement()
        .asString()
        .contains("\"identity\":\"bob\"", "seen (proposed by ann: ticket 7)");
  }

  @Test
  void aProposalEndsWithItsTime() {
    Handle handle = scene.prepared("k");
    OperatorDecisions desk = desk(TWO);
    desk.decide(handle, Decision.COMMIT, "ann", "ticket 7");
    scene.time.advance(Duration.ofMinutes(30));

    assertThat(desk.proposal(handle)).isEmpty();
    assertThat(desk.decide(handle, Decision.COMMIT, "bob", "late"))
        .isInstanceOf(OperatorOutcome.Proposed.class);
    assertThat(scene.visible(Scene.QUEUE)).isEmpty();
    assertThat(desk.decide(handle, Decision.COMMIT, "ann", "again"))
        .isInstanceOf(OperatorOutcome.Ended.class);
    assertThat(scene.visible(Scene.QUEUE)).hasSize(1);
  }

  @Test
  void aWithdrawnProposalMakesRoomForTheOther() {
    Handle handle = scene.prepared("k");
    OperatorDecisions desk = desk(TWO);
    desk.decide(handle, Decision.COMMIT, "ann", "ticket 7");
    assertThat(desk.withdraw(handle, "bob", "wrong")).isTrue();
    assertThat(desk.withdraw(handle, "bob", "wrong")).isFalse();
    assertThat(scene.audits("WITHDRAWN")).hasSize(1);

    desk.decide(handle, Decision.ROLLBACK, "bob", "journal has R");
    desk.decide(handle, Decision.ROLLBACK, "ann", "agreed");
    assertThat(scene.audits("DECIDED")).singleElement().asString().contains("ROLLBACK");
  }

  @Test
  void aProducerMayStillBeQuicker() {
    Handle handle = scene.prepared("k");
    OperatorDecisions desk = desk(TWO);
    desk.decide(handle, Decision.ROLLBACK, "ann", "gone");
    scene.end(handle, Decision.COMMIT);

    assertThat(desk.decide(handle, Decision.ROLLBACK, "bob", "gone"))
        .isEqualTo(new OperatorOutcome.Ended(new EndOutcome.Conflict(Decision.COMMIT)));
    assertThat(scene.audits("DECIDED")).hasSize(1);
    assertThat(desk.decide(new Handle(1, 2), Decision.COMMIT, "ann", "x"))
        .isEqualTo(new OperatorOutcome.Ended(new EndOutcome.NotFound()));
  }

  @Test
  void manyOperatorsAtOnceMakeOneDecision() {
    Handle handle = scene.prepared("k");
    OperatorDecisions desk = desk(TWO);
    List<CompletableFuture<Optional<OperatorOutcome>>> runs = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String operator = "op" + i;
      CompletableFuture<Optional<OperatorOutcome>> run = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              run.complete(
                  Optional.of(desk.decide(handle, Decision.COMMIT, operator, "all at once")));
            } catch (IllegalStateException e) {
              run.complete(Optional.empty());
            }
          });
      runs.add(run);
    }
    runs.forEach(Scene::await);
    desk.decide(handle, Decision.COMMIT, "last-1", "be sure");
    desk.decide(handle, Decision.COMMIT, "last-2", "be sure");

    assertThat(scene.audits("DECIDED")).hasSize(1);
    assertThat(scene.audits("CONFIRMED")).hasSize(1);
    assertThat(scene.visible(Scene.QUEUE)).hasSize(1);
  }

  @Test
  void aParkedOneIsAskedAboutAgain() {
    Handle handle = scene.prepared("k");
    OperatorDecisions desk = desk(TWO);
    assertThat(desk.rearm(handle, "ann", "producer is back")).isFalse();
    scene.pass(Duration.ofDays(4));
    assertThat(desk.rearm(handle, "ann", "producer is back")).isTrue();
    assertThat(scene.attributes(handle).parked()).isEmpty();
    assertThat(scene.audits("REARMED")).singleElement().asString().contains("producer is back");
  }

  @Test
  void rowsOfForgottenProposalsGoWithTheNextDecision() {
    OperatorDecisions desk = desk(TWO);
    desk.decide(scene.prepared("a"), Decision.COMMIT, "ann", "x");
    scene.time.advance(Duration.ofHours(1));
    Handle other = scene.prepared("b");
    desk.decide(other, Decision.COMMIT, "ann", "x");
    desk.decide(other, Decision.COMMIT, "bob", "x");

    assertThat(
            scene
                .storage()
                .tables()
                .scan(OperatorDecisions.PROPOSALS_TABLE, Bytes.EMPTY, Optional.empty(), 10))
        .isEmpty();
  }

  private OperatorDecisions desk(OperatorDecisions.FourEyes fourEyes) {
    return new OperatorDecisions(scene.storage(), scene.time, scene.coordinator(), fourEyes);
  }

  private long position() {
    return scene.visible(Scene.QUEUE).getFirst().position();
  }
}
