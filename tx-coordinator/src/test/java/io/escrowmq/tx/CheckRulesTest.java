package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.tx.CheckRules.OnGiveUp;
import io.escrowmq.tx.RuleBook.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rules of messages, topics, groups and the cluster: which counts, and what comes of it. */
final class CheckRulesTest {

  private static final long STEP_MS = 1000;

  private final Scene scene = new Scene();

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void theTopicCountsBeforeTheGroupAndThatBeforeTheCluster() {
    RuleBook book = scene.coordinator().rules();
    book.put(Scope.GROUP, Scene.GROUP, changes().first(20).limit(3).build(), "ann");
    book.put(Scope.TOPIC, Scene.QUEUE.topic(), changes().first(40).build(), "ann");

    assertThat(book.of(Scene.GROUP, "other").first()).isEqualTo(Duration.ofSeconds(20));
    assertThat(book.of(Scene.GROUP, Scene.QUEUE.topic()).first()).isEqualTo(Duration.ofSeconds(40));
    assertThat(book.of(Scene.GROUP, Scene.QUEUE.topic()).limit()).isEqualTo(3);
    assertThat(book.of("other", "other")).isEqualTo(CheckRules.DEFAULT);
    scene.restart();
    RuleBook again = scene.coordinator().rules();
    assertThat(again.of(Scene.GROUP, Scene.QUEUE.topic()))
        .isEqualTo(book.of(Scene.GROUP, Scene.QUEUE.topic()));
    assertThat(again.all()).isEqualTo(book.all()).hasSize(2);

    Handle handle = scene.prepared("k");
    assertThat(scene.hold(handle).wakeAtMs()).isEqualTo(scene.time.nowMs() + 40_000);
    assertThat(again.remove(Scope.TOPIC, Scene.QUEUE.topic(), "ann")).isTrue();
    assertThat(again.remove(Scope.TOPIC, Scene.QUEUE.topic(), "ann")).isFalse();
    assertThat(scene.hold(scene.prepared("l")).wakeAtMs()).isEqualTo(scene.time.nowMs() + 20_000);
  }

  @Test
  void everyChangeHasAnAuditRecordWithWhoWhenAndWhat() {
    RuleBook book = scene.coordinator().rules();
    book.put(Scope.GROUP, Scene.GROUP, changes().limit(3).build(), "ann");
    scene.time.advance(Duration.ofMinutes(1));
    book.put(Scope.GROUP, Scene.GROUP, changes().limit(5).build(), "bob");
    scene.restart();
    scene.coordinator().rules().remove(Scope.GROUP, Scene.GROUP, "cleo");
    scene.coordinator().rules().remove(Scope.GROUP, Scene.GROUP, "cleo");
    assertThatThrownBy(() -> book.put(Scope.TOPIC, "t", changes().interval(0).build(), "dan"))
        .isInstanceOf(IllegalArgumentException.class);

    List<String> records = scene.audits("RULES");
    assertThat(records).hasSize(3);
    assertThat(records.getFirst())
        .isEqualTo(
            "{\"v\":1,\"event\":\"RULES\",\"at\":"
                + (scene.time.nowMs() - 60_000)
                + ",\"handle\":\""
                + "0".repeat(32)
                + "\",\"group\":\"bank\",\"key\":\"\",\"queue\":\"\",\"by\":\"OPERATOR\","
                + "\"identity\":\"ann\",\"reason\":\"\",\"after\":{\"limit\":3},\"before\":{},"
                + "\"name\":\"bank\",\"scope\":\"GROUP\"}");
    assertThat(records.get(1))
        .contains("\"identity\":\"bob\"", "\"after\":{\"limit\":5},\"before\":{\"limit\":3}");
    assertThat(records.get(2))
        .contains("\"identity\":\"cleo\"", "\"after\":{},\"before\":{\"limit\":5}");
    assertThat(
            scene
                .coordinator()
                .register()
                .events(
                    new TransactionRegister.EventQuery(
                        Set.of("RULES"), 0, Long.MAX_VALUE, true, 10, Optional.empty()))
                .events())
        .as("newest first")
        .extracting(AuditRecord::identity)
        .containsExactly("cleo", "bob", "ann");
  }

  @Test
  void aMessageHasTheLastWordAndKeepsItOverARestart() {
    Handle handle =
        ((HalfOutcome.Prepared)
                scene.prepare(
                    scene.half(
                        "k",
                        Map.of(
                            MessageRules.INTERVAL, "7",
                            MessageRules.LIMIT, "2",
                            MessageRules.MAX_AGE, "none"))))
            .handle();
    scene.restart();
    scene.producers.join(Scene.GROUP, "sender");

    assertThat(times(handle, 60)).containsExactly(6, 13);
    assertThat(scene.attributes(handle).parked()).contains(ParkReason.CHECKS_USED_UP);
    assertThat(scene.attributes(handle).own()).isEqualTo(new MessageRules(7, 2, -1));
  }

  @Test
  void aMessagesAgeEndsEvenIfNobodyIsThere() {
    Handle handle =
        ((HalfOutcome.Prepared) scene.prepare(scene.half("k", Map.of(MessageRules.MAX_AGE, "60"))))
            .handle();
    times(handle, 120);
    assertThat(scene.attributes(handle).parked()).contains(ParkReason.TOO_OLD);
  }

  @Test
  void intervalsGrowUpToTheLongest() {
    scene
        .coordinator()
        .rules()
        .put(
            Scope.GROUP,
            Scene.GROUP,
            changes().first(1).interval(10).backoff(200).maxInterval(60).limit(0).build(),
            "ann");
    Handle handle = scene.prepared("k");
    scene.producers.join(Scene.GROUP, "sender");

    assertThat(times(handle, 260)).containsExactly(1, 11, 31, 71, 131, 191, 251);
  }

  @Test
  void jitterSpreadsQuestionsWithinItsBounds() {
    CheckRules rules =
        new RuleChanges(
                Optional.empty(),
                Optional.of(Duration.ofSeconds(100)),
                Optional.empty(),
                Optional.empty(),
                Optional.of(20),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())
            .appliedTo(CheckRules.DEFAULT);
    Set<Long> delays = new HashSet<>();
    for (long seed = 0; seed < 1000; seed++) {
      long delayMs = rules.delayAfterMs(1, seed * 0x1234_5678_9ABCL);
      assertThat(delayMs).isBetween(80_000L, 120_000L);
      delays.add(delayMs);
    }
    assertThat(delays).hasSizeGreaterThan(950);
    assertThat(delays.stream().mapToLong(it -> it).average().orElseThrow())
        .isBetween(98_000.0, 102_000.0);
  }

  @Test
  void onlyAGroupMayWantARollBackAndThenItIsOneDecisionLikeAnyOther() {
    RuleBook book = scene.coordinator().rules();
    RuleChanges unsafe = changes().limit(2).onGiveUp(OnGiveUp.ROLLBACK).build();
    assertThatThrownBy(() -> book.put(Scope.TOPIC, Scene.QUEUE.topic(), unsafe, "ann"))
        .hasMessageContaining("producer group");
    book.put(Scope.GROUP, Scene.GROUP, unsafe, "ann");
    Handle asked = scene.prepared("asked");
    scene.prepare(scene.half("shop", "s1", Scene.QUEUE, "safe", 0));
    scene.producers.join(Scene.GROUP, "sender");
    scene.producers.join("shop", "s1");

    assertThat(times(asked, 600)).hasSize(2);
    assertThat(scene.audits("DECIDED"))
        .singleElement()
        .asString()
        .contains("\"by\":\"POLICY\"", "ROLLBACK", "CHECKS_USED_UP");
    assertThat(scene.end(asked, Decision.COMMIT))
        .isEqualTo(new EndOutcome.Conflict(Decision.ROLLBACK));
    scene.pass(Duration.ofDays(4));
    assertThat(scene.audits("PARKED")).singleElement().asString().contains("shop");
  }

  @Test
  void membersThatHadTheirShareAreAskedSoonAndNothingIsCounted() {
    Handle handle = scene.prepared("k");
    scene.producers.join(Scene.GROUP, "sender");
    scene.producers.makeBusy(Scene.GROUP);
    assertThat(times(handle, 20)).isEmpty();
    assertThat(scene.attributes(handle).attempts()).isZero();
    scene.producers.makeHear(Scene.GROUP);
    assertThat(times(handle, 2)).hasSize(1);
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    RuleBook book = scene.coordinator().rules();
    for (RuleChanges wrong :
        List.of(
            changes().interval(0).build(),
            changes().backoff(99).build(),
            changes().limit(-1).build(),
            changes().first(-1).build())) {
      assertThatThrownBy(() -> book.put(Scope.GROUP, "g", wrong, "ann"))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> book.put(Scope.GROUP, " ", RuleChanges.NONE, "ann"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(book.all()).isEmpty();
  }

  /** Seconds from now at which the transaction is asked about. */
  private List<Integer> times(Handle handle, int seconds) {
    List<Integer> times = new ArrayList<>();
    long before = scene.producers.deliveredFor(handle);
    for (int second = 1; second <= seconds; second++) {
      scene.pass(Duration.ofMillis(STEP_MS));
      long now = scene.producers.deliveredFor(handle);
      for (long i = before; i < now; i++) {
        times.add(second);
      }
      before = now;
    }
    return times;
  }

  private static Wanted changes() {
    return new Wanted(RuleChanges.NONE);
  }

  private record Wanted(RuleChanges build) {

    Wanted first(int seconds) {
      return with(Optional.of(seconds), Optional.empty(), Optional.empty(), Optional.empty());
    }

    Wanted interval(int seconds) {
      return with(Optional.empty(), Optional.of(seconds), Optional.empty(), Optional.empty());
    }

    Wanted backoff(int percent) {
      return with(Optional.empty(), Optional.empty(), Optional.of(percent), Optional.empty());
    }

    Wanted maxInterval(int seconds) {
      return with(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(seconds));
    }

    Wanted limit(int questions) {
      return new Wanted(
          new RuleChanges(
              build.first(),
              build.interval(),
              build.backoffPercent(),
              build.maxInterval(),
              build.jitterPercent(),
              Optional.of(questions),
              build.maxAge(),
              build.onGiveUp()));
    }

    Wanted onGiveUp(OnGiveUp wanted) {
      return new Wanted(
          new RuleChanges(
              build.first(),
              build.interval(),
              build.backoffPercent(),
              build.maxInterval(),
              build.jitterPercent(),
              build.limit(),
              build.maxAge(),
              Optional.of(wanted)));
    }

    private Wanted with(
        Optional<Integer> first,
        Optional<Integer> interval,
        Optional<Integer> backoff,
        Optional<Integer> maxInterval) {
      return new Wanted(
          new RuleChanges(
              first.map(Duration::ofSeconds).or(build::first),
              interval.map(Duration::ofSeconds).or(build::interval),
              backoff.or(build::backoffPercent),
              maxInterval.map(Duration::ofSeconds).or(build::maxInterval),
              build.jitterPercent(),
              build.limit(),
              build.maxAge(),
              build.onGiveUp()));
    }
  }
}
