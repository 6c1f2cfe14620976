package io.escrowmq.broker;

import static io.escrowmq.broker.PopFixture.bodies;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.broker.PopFixture.Got;
import io.escrowmq.spi.protocol.Delivery.Outcome;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Flow;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.RetryPolicy;
import io.escrowmq.spi.protocol.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds for a group that pulls holds for one that pops. */
final class PopGroupTest {

  private static final long MINUTE = 60_000;

  private final BrokerFixture fixture = BrokerFixture.withDefaults();
  private final PopFixture member = new PopFixture(fixture, "g", "t");

  @BeforeEach
  void topic() {
    fixture.topic("t", 1);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void itsRateIsCounted() {
    send("a", "b", "c");
    assertThat(member.pop(2, MINUTE)).hasSize(2);
    fixture.pass(Duration.ofSeconds(5));
    Flow.Volume volume =
        fixture.broker.operations().flow().of(Flow.Kind.PULLED, "t", "g").orElseThrow();
    assertThat(volume.minute().messages()).isEqualTo(2);
    long bytes = fixture.messages("t", 0).stream().limit(2).mapToLong(it -> it.size()).sum();
    assertThat(volume.minute().bytes()).isEqualTo(bytes);
    assertThat(fixture.broker.statistics()).containsEntry("pulled-messages-total", 2L);
  }

  @Test
  void itsLimitHolds() {
    configure(Map.of("consume.max.tps", "2"), RetryPolicy.LEVELS);
    send("a", "b", "c", "d");
    assertThat(member.pop(2, MINUTE)).hasSize(2);
    assertThat(BrokerFixture.codeOf(() -> member.pop(2, MINUTE))).isEqualTo(ErrorCode.THROTTLED);
    // Looking takes nothing, so it is not limited.
    assertThat(BrokerFixture.get(member.door().hasMessages(member.request(1, 1, 0)))).isTrue();
    fixture.pass(Duration.ofSeconds(1));
    assertThat(bodies(member.pop(2, MINUTE))).containsExactly("c", "d");
  }

  @Test
  void whatItGivesBackWaitsAsItsPolicySays() {
    configure(Map.of(), new RetryPolicy.Exponential(1_000, 5_000, 3));
    send("a");
    List<Long> waited = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Got got = member.pop(1, MINUTE).getFirst();
      assertThat(got.reconsumeTimes()).isEqualTo(i);
      waited.add(member.change(got, 0).lease().invisibleMs());
      assertThat(member.pop(1, MINUTE)).isEmpty();
      fixture.pass(Duration.ofMillis(waited.getLast() - 1));
      assertThat(member.pop(1, MINUTE)).isEmpty();
      fixture.pass(Duration.ofMillis(1));
    }
    assertThat(waited).containsExactly(1_000L, 3_000L, 5_000L, 5_000L);
  }

  @Test
  void aTimeThatTheConsumerSaysCounts() {
    configure(Map.of(), new RetryPolicy.Customized(List.of(7_000L)));
    send("a");
    Got got = member.pop(1, MINUTE).getFirst();
    assertThat(member.change(got, 100).lease().invisibleMs()).isEqualTo(100);
    fixture.pass(Duration.ofMillis(100));
    Got again = member.pop(1, MINUTE).getFirst();
    assertThat(member.change(again, 0).lease().invisibleMs()).isEqualTo(7_000);
    assertThat(member.ack(again)).isEqualTo(Outcome.STALE);
  }

  @Test
  void withoutAPolicyItComesBackAtOnce() {
    send("a");
    Got got = member.pop(1, MINUTE).getFirst();
    assertThat(member.change(got, 0).outcome()).isEqualTo(Outcome.DONE);
    assertThat(bodies(member.pop(1, MINUTE))).containsExactly("a");
  }

  @Test
  void itIsToldOnlyOfWhatItWants() {
    member.wanting(Subscription.TAG, "red");
    fixture.send(Requests.to("t").body("1").property("TAGS", "blue"));
    assertThat(has(0)).isFalse();
    CompletableFuture<Boolean> told =
        member.door().hasMessages(member.request(1, 1, 30_000)).toCompletableFuture();
    fixture.send(Requests.to("t").body("2").property("TAGS", "blue"));
    assertThat(told).isNotDone();
    fixture.send(Requests.to("t").body("3").property("TAGS", "red"));
    assertThat(told.join()).isTrue();
    assertThat(has(0)).isTrue();
    Got got = member.pop(9, MINUTE).getFirst();
    assertThat(got.body()).isEqualTo("3");
    assertThat(has(0)).isFalse();
    assertThat(member.change(got, 0).outcome()).isEqualTo(Outcome.DONE);
    assertThat(has(0)).isTrue();
  }

  @Test
  void lookingSkipsNothing() {
    fixture.send(Requests.to("t").body("1").property("TAGS", "blue"));
    member.wanting(Subscription.TAG, "red");
    assertThat(has(0)).isFalse();
    member.wanting(Subscription.TAG, "blue");
    assertThat(bodies(member.pop(9, MINUTE))).containsExactly("1");
  }

  @Test
  void itCanPopFromEveryOtherQueueOnly() {
    fixture.topic("five", 5);
    for (int queue = 0; queue < 5; queue++) {
      fixture.send(Requests.to("five").queue(queue).body("q" + queue));
    }
    assertThat(every(2, 1)).containsExactlyInAnyOrder("q1", "q3");
    assertThat(every(2, 0)).containsExactlyInAnyOrder("q0", "q2", "q4");
    assertThat(every(7, 6)).isEmpty();
    CompletableFuture<List<Got>> waiting =
        new PopFixture(fixture, "g", "five")
            .every(2, 1)
            .wait(9, MINUTE, 30_000)
            .toCompletableFuture();
    fixture.send(Requests.to("five").queue(2).body("even"));
    assertThat(waiting).isNotDone();
    fixture.send(Requests.to("five").queue(3).body("odd"));
    assertThat(bodies(waiting.join())).containsExactly("odd");
  }

  private List<String> every(int step, int first) {
    return bodies(new PopFixture(fixture, "g", "five").every(step, first).pop(9, MINUTE));
  }

  private boolean has(long waitMs) {
    return BrokerFixture.get(member.door().hasMessages(member.request(1, 1, waitMs)));
  }

  private void send(String... texts) {
    for (String text : texts) {
      fixture.send("t", text);
    }
  }

  private void configure(Map<String, String> attributes, RetryPolicy policy) {
    fixture
        .broker
        .operations()
        .groups()
        .createOrUpdate(
            new GroupConfig("g", true, true, false, true, 1, 16, attributes, Map.of(), policy));
  }
}
