package io.escrowmq.broker;

import static io.escrowmq.broker.PopFixture.bodies;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.broker.PopFixture.Got;
import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.RequestModes.Mode;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages for a time, with an acknowledgement for each. */
final class PopTest {

  private static final long MINUTE = 60_000;

  private BrokerFixture fixture = BrokerFixture.withDefaults();
  private PopFixture member;

  @BeforeEach
  void start() {
    fixture.topic("t", 1);
    member = new PopFixture(fixture, "g", "t");
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

  @Test
  void whatOneMemberHasTheOthersDoNotGet() {
    send("a", "b", "c");
    assertThat(bodies(member.pop(2, MINUTE))).containsExactly("a", "b");
    assertThat(bodies(member.pop(2, MINUTE))).containsExactly("c");
    assertThat(member.pop(2, MINUTE)).isEmpty();
    assertThat(bodies(new PopFixture(fixture, "other", "t").pop(9, MINUTE)))
        .containsExactly("a", "b", "c");
  }

  @Test
  void theGroupsOffsetIsTheFirstMessageThatIsNotDone() {
    send("a", "b", "c");
    List<Got> got = member.pop(3, MINUTE);
    assertThat(member.committed()).isZero();
    assertThat(member.ack(got.get(1))).isEqualTo(Delivery.Outcome.DONE);
    assertThat(member.committed()).isZero();
    assertThat(member.ack(got.get(0))).isEqualTo(Delivery.Outcome.DONE);
    assertThat(member.committed()).isEqualTo(2);
    assertThat(member.ack(got.get(2))).isEqualTo(Delivery.Outcome.DONE);
    assertThat(member.committed()).isEqualTo(3);
    fixture.pass(Duration.ofHours(1));
    assertThat(member.pop(3, MINUTE)).isEmpty();
  }

  @Test
  void whatIsNotAcknowledgedInTimeComesAgainAndSaysHowOften() {
    send("a");
    for (int attempt = 0; attempt < 3; attempt++) {
      List<Got> got = member.pop(1, MINUTE);
      assertThat(got).extracting(Got::reconsumeTimes).containsExactly(attempt);
      fixture.pass(Duration.ofMillis(MINUTE - 1));
      assertThat(member.pop(1, MINUTE)).isEmpty();
      fixture.pass(Duration.ofMillis(1));
    }
  }

  @Test
  void aLateAcknowledgementDoesNotTouchTheNextDelivery() {
    send("a");
    Got first = member.pop(1, MINUTE).getFirst();
    fixture.pass(Duration.ofMillis(MINUTE));
    Got second = member.pop(1, MINUTE).getFirst();
    assertThat(member.ack(first)).isEqualTo(Delivery.Outcome.STALE);
    assertThat(member.change(first, 0).outcome()).isEqualTo(Delivery.Outcome.STALE);
    assertThat(member.pop(1, MINUTE)).isEmpty();
    assertThat(member.ack(second)).isEqualTo(Delivery.Outcome.DONE);
    assertThat(member.ack(second)).isEqualTo(Delivery.Outcome.DONE);
    assertThat(member.ack(first)).isEqualTo(Delivery.Outcome.DONE);
    assertThat(member.committed()).isEqualTo(1);
  }

  @Test
  void anAcknowledgementAfterTheTimeCountsWhileNobodyElseHasTheMessage() {
    send("a");
    Got got = member.pop(1, MINUTE).getFirst();
    fixture.pass(Duration.ofMinutes(5));
    assertThat(member.ack(got)).isEqualTo(Delivery.Outcome.DONE);
    assertThat(member.pop(1, MINUTE)).isEmpty();
  }

  @Test
  void whatWasNeverHandedOutCannotBeAcknowledged() {
    send("a", "b");
    Got got = member.pop(1, MINUTE).getFirst();
    Delivery next = new Delivery(new QueueId("t", 0), 1, got.delivery().popTimeMs(), 1);
    assertThat(BrokerFixture.get(member.door().ack("g", List.of(next))))
        .containsExactly(Delivery.Outcome.UNKNOWN);
    assertThat(BrokerFixture.get(member.door().ack("nobody", List.of(next))))
        .containsExactly(Delivery.Outcome.UNKNOWN);
    assertThat(bodies(member.pop(2, MINUTE))).containsExactly("b");
  }

  @Test
  void aGroupThatIsSwitchedOffMayStillAcknowledge() {
    send("a", "b");
    Got got = member.pop(1, MINUTE).getFirst();
    GroupConfig on = GroupConfig.of("g", 16);
    fixture
        .broker
        .operations()
        .groups()
        .createOrUpdate(
            new GroupConfig(
                "g",
                false,
                true,
                false,
                true,
                1,
                16,
                on.attributes(),
                on.others(),
                on.retryPolicy()));
    assertThat(BrokerFixture.codeOf(() -> member.pop(1, MINUTE)))
        .isEqualTo(ErrorCode.NO_PERMISSION);
    assertThat(member.ack(got)).isEqualTo(Delivery.Outcome.DONE);
    assertThat(member.committed()).isEqualTo(1);
  }

  @Test
  void aMemberGivesAMessageBackEarlierOrKeepsItLonger() {
    send("a", "b");
    List<Got> got = member.pop(2, MINUTE);
    assertThat(member.change(got.get(0), 10).outcome()).isEqualTo(Delivery.Outcome.DONE);
    var longer = member.change(got.get(1), 10 * MINUTE);
    fixture.pass(Duration.ofMillis(10));
    List<Got> again = member.pop(2, MINUTE);
    assertThat(bodies(again)).containsExactly("a");
    assertThat(again.getFirst().reconsumeTimes()).isEqualTo(1);
    fixture.pass(Duration.ofMillis(5 * MINUTE));
    assertThat(bodies(member.pop(2, 20 * MINUTE))).containsExactly("a");
    assertThat(member.ack(got.get(1))).isEqualTo(Delivery.Outcome.STALE);
    Delivery changed =
        new Delivery(
            new QueueId("t", 0), 1, longer.lease().popTimeMs(), longer.lease().generation());
    assertThat(BrokerFixture.get(member.door().ack("g", List.of(changed))))
        .containsExactly(Delivery.Outcome.DONE);
  }

  @Test
  void afterTheLastAttemptAMessageIsADeadLetterOnce() {
    fixture.broker.operations().groups().createOrUpdate(GroupConfig.of("g", 2));
    send("poison", "good");
    for (int attempt = 0; attempt <= 2; attempt++) {
      List<Got> got = member.pop(2, MINUTE);
      assertThat(got.getFirst().body()).isEqualTo("poison");
      got.stream().filter(it -> it.body().equals("good")).forEach(member::ack);
      fixture.pass(Duration.ofMillis(MINUTE));
    }
    assertThat(member.pop(2, MINUTE)).isEmpty();
    Message dead = member.deadLetters().getFirst();
    assertThat(member.deadLetters()).hasSize(1);
    assertThat(dead.reconsumeTimes()).isEqualTo(3);
    assertThat(dead.property(MessageProperties.DEAD_LETTER_ORIGIN_TOPIC)).contains("t");
    assertThat(dead.uniqueKey()).isEqualTo(fixture.messages("t", 0).getFirst().uniqueKey());
    assertThat(member.committed()).isEqualTo(2);
    assertThat(fixture.broker.statistics()).containsEntry("dead-letter-messages-total", 1L);
  }

  @Test
  void everythingSurvivesARestart() {
    send("a", "b", "c", "d");
    List<Got> got = member.pop(3, MINUTE);
    member.ack(got.get(1));
    fixture.restart();
    assertThat(bodies(member.pop(9, MINUTE))).containsExactly("d");
    assertThat(member.ack(got.get(0))).isEqualTo(Delivery.Outcome.DONE);
    assertThat(member.committed()).isEqualTo(2);
    fixture.restart();
    fixture.pass(Duration.ofMillis(MINUTE));
    List<Got> again = member.pop(9, MINUTE);
    assertThat(bodies(again)).containsExactly("c", "d");
    assertThat(again).extracting(Got::reconsumeTimes).containsExactly(1, 1);
    fixture.restart();
    assertThat(member.ack(got.get(2))).isEqualTo(Delivery.Outcome.STALE);
    member.ackAll(again);
    assertThat(member.committed()).isEqualTo(4);
  }

  @Test
  void waitingEndsWithTheFirstMessage() {
    CompletableFuture<List<Got>> waiting = member.wait(9, MINUTE, 30_000).toCompletableFuture();
    assertThat(waiting).isNotDone();
    assertThat(member.door().waiting("g", "t", -1)).isEqualTo(1);
    send("a");
    assertThat(bodies(waiting.join())).containsExactly("a");
    assertThat(member.door().waiting("g", "t", -1)).isZero();
  }

  @Test
  void waitingEndsWhenAMessageComesBack() {
    send("a");
    assertThat(member.pop(1, 5_000)).hasSize(1);
    CompletableFuture<List<Got>> waiting = member.wait(9, MINUTE, 30_000).toCompletableFuture();
    fixture.pass(Duration.ofMillis(4_999));
    assertThat(waiting).isNotDone();
    fixture.pass(Duration.ofMillis(1));
    assertThat(waiting.join()).extracting(Got::reconsumeTimes).containsExactly(1);
  }

  @Test
  void waitingEndsWithItsTime() {
    CompletableFuture<List<Got>> waiting = member.wait(9, MINUTE, 30_000).toCompletableFuture();
    fixture.pass(Duration.ofMillis(29_999));
    assertThat(waiting).isNotDone();
    fixture.pass(Duration.ofMillis(1));
    assertThat(waiting.join()).isEmpty();
    assertThat(fixture.broker.statistics()).containsEntry("waiting-pops", 0L);
  }

  @Test
  void aMessageIsForOneOfThoseWhoWaitAndTheNextForTheNext() {
    PopFixture gone = new PopFixture(fixture, "g", "t");
    CompletableFuture<List<Got>> left = gone.wait(9, MINUTE, 30_000).toCompletableFuture();
    CompletableFuture<List<Got>> first = member.wait(9, MINUTE, 30_000).toCompletableFuture();
    CompletableFuture<List<Got>> second = member.wait(9, MINUTE, 30_000).toCompletableFuture();
    gone.connection.close();
    send("a");
    assertThat(left.join()).isEmpty();
    assertThat(bodies(first.join())).containsExactly("a");
    assertThat(second).isNotDone();
    send("b");
    assertThat(bodies(second.join())).containsExactly("b");
  }

  @Test
  void engineThatDoesNotAnnounceArrivalsIsAskedForThem() {
    fixture.close();
    fixture = new BrokerFixture(BrokerSettings.DEFAULT, Set.<Capability>of());
    fixture.topic("t", 2);
    member = new PopFixture(fixture, "g", "t");
    CompletableFuture<List<Got>> waiting = member.wait(9, MINUTE, 30_000).toCompletableFuture();
    send("a");
    fixture.pass(Duration.ofMillis(100));
    assertThat(bodies(waiting.join())).containsExactly("a");
  }

  @Test
  void filtersSkipForGood() {
    fixture.send(Requests.to("t").property(MessageProperties.TAGS, "red").body("r"));
    fixture.send(Requests.to("t").property(MessageProperties.TAGS, "blue").body("b"));
    fixture.send(Requests.to("t").property("size", "7").body("s"));
    assertThat(bodies(member.wanting(Subscription.TAG, "blue").pop(9, MINUTE)))
        .containsExactly("b");
    PopFixture sized = new PopFixture(fixture, "sized", "t");
    List<Got> seven = sized.wanting(Subscription.SQL92, "size > 5").pop(9, MINUTE);
    assertThat(bodies(seven)).containsExactly("s");
    sized.ackAll(seven);
    assertThat(sized.committed()).isEqualTo(3);
    assertThat(
            BrokerFixture.codeOf(() -> sized.wanting(Subscription.SQL92, "size >").pop(9, MINUTE)))
        .isEqualTo(ErrorCode.FILTER_INVALID);
  }

  @Test
  void offsetMovesOverUnwantedMessagesToo() {
    fixture.send(Requests.to("t").property(MessageProperties.TAGS, "red").body("r"));
    assertThat(member.wanting(Subscription.TAG, "blue").pop(9, MINUTE)).isEmpty();
    fixture.pass(Duration.ofSeconds(1));
    assertThat(member.committed()).isEqualTo(1);
  }

  @Test
  void whoeverCommitsAnOffsetMovesTheGroup() {
    send("a", "b", "c");
    List<Got> got = member.pop(2, MINUTE);
    member.ackAll(got);
    fixture.broker.offsets().commit("g", new QueueId("t", 0), 1);
    assertThat(bodies(member.pop(9, MINUTE))).containsExactly("b", "c");
    fixture.restart();
    fixture.broker.offsets().commit("g", new QueueId("t", 0), 2);
    fixture.restart();
    assertThat(bodies(member.pop(9, MINUTE))).containsExactly("c");
    assertThat(member.committed()).isEqualTo(2);
  }

  @Test
  void aGroupThatPulledGoesOnWhereItWas() {
    send("a", "b", "c");
    fixture.broker.offsets().commit("g", new QueueId("t", 0), 2);
    assertThat(bodies(member.pop(9, MINUTE))).containsExactly("c");
  }

  @Test
  void aDeletedGroupBeginsAnew() {
    send("a", "b");
    member.ackAll(member.pop(1, MINUTE));
    assertThat(member.pop(1, MINUTE)).hasSize(1);
    fixture.broker.operations().groups().delete("g", true);
    assertThat(bodies(member.pop(9, MINUTE))).containsExactly("a", "b");
  }

  @Test
  void aNewGroupBeginsAtTheEndOnlyWhereMessagesWereLost() {
    send("a", "b");
    assertThat(bodies(member.fromEnd().pop(9, MINUTE))).containsExactly("a", "b");
    fixture.broker.topics().delete("t");
    fixture.topic("t", 1);
    send("c");
    PopFixture late = new PopFixture(fixture, "late", "t").fromEnd();
    assertThat(late.pop(9, MINUTE)).isEmpty();
    fixture.restart();
    send("d");
    assertThat(bodies(late.pop(9, MINUTE))).containsExactly("d");
    assertThat(bodies(new PopFixture(fixture, "early", "t").pop(9, MINUTE)))
        .containsExactly("c", "d");
  }

  @Test
  void whatTheRetentionTookIsNotWaitedFor() {
    send("a");
    assertThat(member.pop(1, MINUTE)).hasSize(1);
    fixture.broker.topics().delete("t");
    fixture.topic("t", 1);
    fixture.pass(Duration.ofMillis(MINUTE));
    send("b");
    assertThat(bodies(member.pop(9, MINUTE))).containsExactly("b");
    assertThat(member.committed()).isEqualTo(1);
    assertThat(fixture.broker.statistics())
        .containsEntry("pop-removed-before-redelivery-total", 1L)
        .containsEntry("pop-in-flight-messages", 1L);
  }

  @Test
  void peekingTakesNothing() {
    send("a", "b");
    var shown = BrokerFixture.get(member.door().peek(member.request(9, MINUTE, 0)));
    assertThat(bodies(PopFixture.got(shown))).containsExactly("a", "b");
    assertThat(bodies(member.pop(9, MINUTE))).containsExactly("a", "b");
  }

  @Test
  void aMemberIsToldThatThereIsSomething() {
    CompletableFuture<Boolean> told =
        member.door().hasMessages(member.request(1, 1, 30_000)).toCompletableFuture();
    CompletableFuture<List<Got>> waiting = member.wait(9, MINUTE, 30_000).toCompletableFuture();
    assertThat(told).isNotDone();
    send("a");
    assertThat(told.join()).isTrue();
    assertThat(bodies(waiting.join())).containsExactly("a");
    assertThat(BrokerFixture.get(member.door().hasMessages(member.request(1, 1, 0)))).isFalse();
  }

  @Test
  void whatCouldNotBeWrittenDidNotHappen() {
    assertThat(member.pop(1, MINUTE)).isEmpty();
    send("a", "b");
    fixture.storage.failWith(new StorageException.Full("no room"));
    assertThat(BrokerFixture.codeOf(() -> member.pop(2, MINUTE))).isEqualTo(ErrorCode.STORE_FULL);
    fixture.storage.failWith(null);
    List<Got> got = member.pop(2, MINUTE);
    assertThat(got).extracting(Got::reconsumeTimes).containsExactly(0, 0);
    fixture.storage.failWith(new StorageException.Full("no room"));
    assertThat(BrokerFixture.codeOf(() -> member.ack(got.get(0)))).isEqualTo(ErrorCode.STORE_FULL);
    fixture.storage.failWith(null);
    assertThat(member.committed()).isZero();
    member.ackAll(got);
    assertThat(member.committed()).isEqualTo(2);
    assertThat(fixture.broker.statistics())
        .containsEntry("pop-errors-total", 2L)
        .containsEntry("popped-messages-total", 2L)
        .containsEntry("pop-acknowledged-messages-total", 2L);
  }

  @Test
  void senselessRequestsAreRefused() {
    assertThat(BrokerFixture.codeOf(() -> member.pop(0, MINUTE)))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(BrokerFixture.codeOf(() -> member.pop(1, 0))).isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(BrokerFixture.codeOf(() -> member.queue(1).pop(1, MINUTE)))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(BrokerFixture.codeOf(() -> new PopFixture(fixture, "g", "no").pop(1, MINUTE)))
        .isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
  }

  @Test
  void modesAreKept() {
    member.pop(1, MINUTE);
    Mode mode = new Mode("g", "t", true, 2);
    member.door().modes().set(mode);
    fixture.restart();
    assertThat(member.door().modes().find("g", "t")).contains(mode);
    assertThat(member.door().modes().all()).containsExactly(mode);
    assertThat(member.door().modes().find("g", "other")).isEmpty();
    assertThat(BrokerFixture.codeOf(() -> member.door().modes().set(new Mode("x", "t", true, 0))))
        .isEqualTo(ErrorCode.GROUP_NOT_FOUND);
    assertThat(
            BrokerFixture.codeOf(
                () -> member.door().modes().set(new Mode("g", "%RETRY%g", true, 0))))
        .isEqualTo(ErrorCode.NO_PERMISSION);
  }
}
