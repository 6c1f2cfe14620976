package io.escrowmq.broker;

import static io.escrowmq.broker.PopFixture.bodies;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.broker.PopFixture.Got;
import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.GroupConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One batch of a queue at a time, in order, and never stuck (RocketMQ issues 8592 and 10827). */
final class OrderedPopTest {

  private static final long MINUTE = 60_000;

  private final BrokerFixture fixture = BrokerFixture.withDefaults();

  @BeforeEach
  void start() {
    fixture.topic("t", 1);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private void send(String... texts) {
    for (String text : texts) {
      fixture.send("t", text);
    }
  }

  private PopFixture member(String attemptId) {
    return new PopFixture(fixture, "g", "t").ordered(attemptId);
  }

  @Test
  void theNextBatchIsGivenWhenAllOfTheLastIsDone() {
    send("a", "b", "c", "d");
    List<Got> got = member("1").pop(2, MINUTE);
    assertThat(bodies(got)).containsExactly("a", "b");
    assertThat(member("2").pop(2, MINUTE)).isEmpty();
    member("").ack(got.get(1));
    assertThat(member("3").pop(2, MINUTE)).isEmpty();
    CompletableFuture<List<Got>> waiting =
        member("4").wait(2, MINUTE, 30_000).toCompletableFuture();
    assertThat(waiting).isNotDone();
    member("").ack(got.get(0));
    assertThat(bodies(waiting.join())).containsExactly("c", "d");
  }

  @Test
  void whatWasNotDoneInTimeComesFirst() {
    send("a", "b", "c", "d");
    List<Got> got = member("1").pop(3, MINUTE);
    member("").ack(got.get(1));
    CompletableFuture<List<Got>> waiting =
        member("2").wait(3, MINUTE, 2 * MINUTE).toCompletableFuture();
    fixture.pass(Duration.ofMillis(MINUTE));
    assertThat(bodies(waiting.join())).containsExactly("a", "c", "d");
    assertThat(waiting.join()).extracting(Got::reconsumeTimes).containsExactly(1, 1, 0);
  }

  @Test
  void aRequestThatIsSentAgainGetsTheSameAndCountsOnce() {
    send("a", "b", "c");
    List<Got> lost = member("same").pop(2, MINUTE);
    List<Got> again = member("same").pop(2, MINUTE);
    assertThat(bodies(again)).containsExactly("a", "b");
    assertThat(again).extracting(Got::reconsumeTimes).containsExactly(0, 0);
    assertThat(member("other").pop(2, MINUTE)).isEmpty();
    assertThat(member("").pop(2, MINUTE)).isEmpty();
    assertThat(member("").ack(lost.getFirst())).isEqualTo(Delivery.Outcome.STALE);
    member("").ackAll(again);
    assertThat(bodies(member("same").pop(2, MINUTE))).containsExactly("c");
  }

  @Test
  void theAttemptIsKnownAfterARestart() {
    send("a", "b");
    assertThat(member("same").pop(1, MINUTE)).hasSize(1);
    fixture.restart();
    assertThat(member("other").pop(1, MINUTE)).isEmpty();
    assertThat(bodies(member("same").pop(1, MINUTE))).containsExactly("a");
  }

  @Test
  void aMemberThatNeverComesBackFreesTheQueueWithItsTime() {
    send("a", "b");
    assertThat(member("lost").pop(2, MINUTE)).hasSize(2);
    fixture.restart();
    fixture.pass(Duration.ofMillis(MINUTE));
    assertThat(bodies(member("next").pop(2, MINUTE))).containsExactly("a", "b");
  }

  @Test
  void noInvisibleTimeIsLongerThanTheLimit() {
    send("a");
    assertThat(member("lost").pop(1, Long.MAX_VALUE / 2)).hasSize(1);
    fixture.pass(Duration.ofHours(12));
    assertThat(bodies(member("next").pop(1, MINUTE))).containsExactly("a");
  }

  @Test
  void givingAMessageBackFreesTheQueueAtOnce() {
    send("a", "b");
    Got got = member("1").pop(1, MINUTE).getFirst();
    CompletableFuture<List<Got>> waiting =
        member("2").wait(1, MINUTE, 30_000).toCompletableFuture();
    member("").change(got, 0);
    assertThat(bodies(waiting.join())).containsExactly("a");
  }

  @Test
  void aDeadLetterDoesNotHoldUpTheOthers() {
    fixture.broker.operations().groups().createOrUpdate(GroupConfig.of("g", 0));
    send("poison", "good");
    assertThat(bodies(member("1").pop(1, MINUTE))).containsExactly("poison");
    CompletableFuture<List<Got>> waiting =
        member("2").wait(1, MINUTE, 2 * MINUTE).toCompletableFuture();
    fixture.pass(Duration.ofMillis(MINUTE));
    assertThat(bodies(waiting.join())).containsExactly("good");
    assertThat(member("").deadLetters()).hasSize(1);
  }
}
