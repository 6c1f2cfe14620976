package io.escrowmq.broker;

import static io.escrowmq.broker.BrokerFixture.bodies;
import static io.escrowmq.broker.BrokerFixture.get;
import static io.escrowmq.broker.BrokerFixture.pull;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.PullAnswer.Status;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteBatch;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PullTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);

  private BrokerFixture fixture = BrokerFixture.withDefaults();
  private final FakeConnection connection = new FakeConnection("c1");

  @BeforeEach
  void createTopic() {
    fixture.topic("orders", 2);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void findsMessagesFromAnOffsetOn() {
    for (int i = 0; i < 5; i++) {
      fixture.send("orders", "m" + i);
    }
    PullAnswer answer = get(fixture.pull(pull(connection, QUEUE, 2, 0)));
    assertThat(answer.status()).isEqualTo(Status.FOUND);
    assertThat(answer.nextOffset()).isEqualTo(5);
    assertThat(answer.bounds()).isEqualTo(new QueueBounds(0, 5));
    assertThat(bodies(answer)).containsExactly("m2", "m3", "m4");
  }

  @Test
  void respectsTheClientsLimitsAndItsOwn() {
    for (int i = 0; i < 50; i++) {
      fixture.send("orders", "x".repeat(100_000));
    }
    assertThat(bodies(get(fixture.pull(limited(32, Integer.MAX_VALUE))))).hasSize(2);
    assertThat(bodies(get(fixture.pull(limited(32, 1_000_000))))).hasSize(9);
    assertThat(bodies(get(fixture.pull(limited(3, 1_000_000))))).hasSize(3);
    assertThat(bodies(get(fixture.pull(limited(32, 1))))).hasSize(1);
    assertThat(bodies(get(fixture.pull(limited(0, 1_000_000))))).hasSize(1);
    assertThat(bodies(get(fixture.pull(limited(1_000, 1_000_000_000))))).hasSize(41);
  }

  @Test
  void filtersByTag() {
    fixture.send(Requests.to("orders").body("0").property("TAGS", "red"));
    fixture.send(Requests.to("orders").body("1").property("TAGS", "green"));
    fixture.send(Requests.to("orders").body("2"));
    fixture.send(Requests.to("orders").body("3").property("TAGS", "blue"));
    fixture.send(Requests.to("orders").body("4").property("TAGS", "green"));

    PullAnswer answer = get(fixture.pull(pull(connection, QUEUE, 0, 0, "red || blue")));
    assertThat(answer.nextOffset()).isEqualTo(5);
    assertThat(bodies(answer)).containsExactly("0", "3");

    PullAnswer none = get(fixture.pull(pull(connection, QUEUE, 4, 0, "red")));
    assertThat(none.status()).isEqualTo(Status.NONE_MATCHED);
    assertThat(none.nextOffset()).isEqualTo(5);
    none.close();
  }

  @Test
  void comparesTagsByHashAsClientsExpect() {
    // "Aa" and "BB" have the same String.hashCode.
    fixture.send(Requests.to("orders").body("twin").property("TAGS", "BB"));
    assertThat(bodies(get(fixture.pull(pull(connection, QUEUE, 0, 0, "Aa")))))
        .containsExactly("twin");
  }

  @Test
  void goesOnAfterTheLastMatchWhenTheAnswerIsFull() {
    for (int i = 0; i < 100; i++) {
      fixture.send(Requests.to("orders").body("" + i).property("TAGS", i % 2 == 0 ? "a" : "b"));
    }
    PullAnswer answer = get(fixture.pull(pull(connection, QUEUE, 0, 0, "a")));
    assertThat(bodies(answer)).hasSize(32);
    assertThat(answer.nextOffset()).isEqualTo(63);
  }

  @Test
  void tellsHowFarItLookedWhenNothingMatchesInALongQueue() {
    for (int i = 0; i < 17_000; i++) {
      fixture.send(Requests.to("orders").property("TAGS", "a"));
    }
    PullAnswer answer = get(fixture.pull(pull(connection, QUEUE, 0, 15_000, "b")));
    assertThat(answer.status()).isEqualTo(Status.NONE_MATCHED);
    assertThat(answer.nextOffset()).isBetween(10_000L, 16_999L);
    answer.close();
  }

  @Test
  void answersAtOnceWhenTheClientDoesNotWait() {
    PullAnswer answer = get(fixture.pull(pull(connection, QUEUE, 0, 0)));
    assertThat(answer.status()).isEqualTo(Status.NOTHING_NEW);
    assertThat(answer.nextOffset()).isZero();
    answer.close();
  }

  @Test
  void movesOffsetsThatAreOutside() {
    for (int i = 0; i < 5; i++) {
      fixture.send("orders", "m" + i);
    }
    BrokerFixture.get(fixture.storage.write(WriteBatch.of(new Mutation.Trim(QUEUE, 3))));
    PullAnswer low = get(fixture.pull(pull(connection, QUEUE, 1, 15_000)));
    assertThat(low.status()).isEqualTo(Status.OFFSET_MOVED);
    assertThat(low.nextOffset()).isEqualTo(3);
    PullAnswer high = get(fixture.pull(pull(connection, QUEUE, 9, 15_000)));
    assertThat(high.status()).isEqualTo(Status.OFFSET_MOVED);
    assertThat(high.nextOffset()).isEqualTo(5);
    assertThat(get(fixture.pull(pull(connection, QUEUE, -1, 0))).nextOffset()).isEqualTo(3);
  }

  @Test
  void wakesWhenAMessageArrives() {
    CompletableFuture<PullAnswer> waiting =
        fixture.pull(pull(connection, QUEUE, 0, 15_000)).toCompletableFuture();
    fixture.send(Requests.to("orders").queue(1).body("elsewhere"));
    assertThat(waiting).isNotDone();
    assertThat(fixture.broker.statistics()).containsEntry("waiting-pulls", 1L);
    fixture.send("orders", "here");
    assertThat(bodies(get(waiting))).containsExactly("here");
    assertThat(fixture.broker.statistics()).containsEntry("waiting-pulls", 0L);
  }

  @Test
  void wakesEveryPullOfTheQueue() {
    CompletableFuture<PullAnswer> one =
        fixture.pull(pull(connection, QUEUE, 0, 15_000)).toCompletableFuture();
    CompletableFuture<PullAnswer> two =
        fixture.pull(pull(new FakeConnection("c2"), QUEUE, 0, 15_000)).toCompletableFuture();
    fixture.send("orders", "here");
    assertThat(bodies(get(one))).containsExactly("here");
    assertThat(bodies(get(two))).containsExactly("here");
  }

  @Test
  void waitsOnWhenTheArrivalDoesNotMatch() {
    CompletableFuture<PullAnswer> waiting =
        fixture.pull(pull(connection, QUEUE, 0, 15_000, "a")).toCompletableFuture();
    fixture.send(Requests.to("orders").property("TAGS", "b"));
    assertThat(waiting).isNotDone();
    fixture.pass(Duration.ofSeconds(10));
    fixture.send(Requests.to("orders").property("TAGS", "b"));
    assertThat(waiting).isNotDone();
    fixture.pass(Duration.ofMillis(4_999));
    assertThat(waiting).isNotDone();
    fixture.pass(Duration.ofMillis(1));
    PullAnswer answer = get(waiting);
    assertThat(answer.status()).isEqualTo(Status.NONE_MATCHED);
    assertThat(answer.nextOffset()).isEqualTo(2);
  }

  @Test
  void answersWhenTheTimeIsOver() {
    CompletableFuture<PullAnswer> waiting =
        fixture.pull(pull(connection, QUEUE, 0, 15_000)).toCompletableFuture();
    fixture.pass(Duration.ofMillis(14_999));
    assertThat(waiting).isNotDone();
    fixture.pass(Duration.ofMillis(1));
    assertThat(get(waiting).status()).isEqualTo(Status.NOTHING_NEW);
    assertThat(fixture.broker.statistics()).containsEntry("waiting-pulls", 0L);
  }

  @Test
  void boundsTheWaitingTimeAndTheNumberOfWaiters() {
    fixture.close();
    fixture =
        BrokerFixture.start(
            BrokerSettings.DEFAULT.withLimits(
                BrokerSettings.Limits.DEFAULT.withMaxWaitingPulls(1)));
    fixture.topic("orders", 1);
    CompletableFuture<PullAnswer> waiting =
        fixture.pull(pull(connection, QUEUE, 0, Long.MAX_VALUE)).toCompletableFuture();
    assertThat(BrokerFixture.codeOf(() -> get(fixture.pull(pull(connection, QUEUE, 0, 15_000)))))
        .isEqualTo(ErrorCode.OVERLOADED);
    fixture.pass(Duration.ofSeconds(60));
    assertThat(get(waiting).status()).isEqualTo(Status.NOTHING_NEW);
  }

  @Test
  void spendsNothingOnClosedConnections() {
    CompletableFuture<PullAnswer> waiting =
        fixture.pull(pull(connection, QUEUE, 0, 15_000)).toCompletableFuture();
    connection.close();
    fixture.send("orders", "nobody reads this here");
    assertThat(get(waiting).status()).isEqualTo(Status.NOTHING_NEW);
  }

  @Test
  void wakesOnStoresThatDoNotAnnounceArrivals() {
    fixture.close();
    fixture = new BrokerFixture(BrokerSettings.DEFAULT, Set.of());
    fixture.topic("orders", 1);
    CompletableFuture<PullAnswer> waiting =
        fixture.pull(pull(connection, QUEUE, 0, 15_000)).toCompletableFuture();
    fixture.pass(Duration.ofMillis(100));
    assertThat(waiting).isNotDone();
    fixture.send("orders", "found by looking");
    fixture.pass(Duration.ofMillis(20));
    assertThat(bodies(get(waiting))).containsExactly("found by looking");
  }

  @Test
  void usesTheSubscriptionOfTheHeartbeat() {
    fixture
        .broker
        .groups()
        .heartbeat(connection, BrokerFixture.consumer("client", "readers", "orders", "a"));
    fixture.send(Requests.to("orders").body("yes").property("TAGS", "a"));
    fixture.send(Requests.to("orders").body("no").property("TAGS", "b"));
    assertThat(bodies(get(fixture.pull(bySubscription("orders", 1))))).containsExactly("yes");
    assertThat(codeOf(bySubscription("orders", 2))).isEqualTo(ErrorCode.SUBSCRIPTION_NOT_LATEST);
    fixture.topic("other", 1);
    assertThat(codeOf(bySubscription("other", 0))).isEqualTo(ErrorCode.SUBSCRIPTION_NOT_FOUND);
  }

  @Test
  void refusesWhatItCannotServe() {
    assertThat(codeOf(pull(connection, new QueueId("nowhere", 0), 0, 0)))
        .isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    assertThat(codeOf(pull(connection, new QueueId("orders", 2), 0, 0)))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    fixture
        .broker
        .topics()
        .createOrUpdate(new TopicConfig("secret", 1, 1, TopicConfig.WRITE, 0, false, Map.of()));
    assertThat(codeOf(pull(connection, new QueueId("secret", 0), 0, 0)))
        .isEqualTo(ErrorCode.NO_PERMISSION);
    assertThat(codeOf(pull(connection, QUEUE, 0, 0, "||"))).isEqualTo(ErrorCode.FILTER_INVALID);
  }

  @Test
  void refusesUnknownGroupsWithoutAutoCreation() {
    fixture.close();
    fixture =
        BrokerFixture.start(
            BrokerSettings.DEFAULT.withTopics(BrokerSettings.Topics.DEFAULT.withAutoCreate(false)));
    fixture.topic("orders", 1);
    assertThat(codeOf(pull(connection, QUEUE, 0, 0))).isEqualTo(ErrorCode.GROUP_NOT_FOUND);
  }

  @Test
  void servesTheRetryTopicOfANewGroupBeforeItsFirstHeartbeat() {
    QueueId retries = new QueueId("%RETRY%fresh", 0);
    assertThat(get(fixture.pull(pull(connection, retries, 0, 0, "*", "fresh"))).status())
        .isEqualTo(Status.NOTHING_NEW);
  }

  @Test
  void storesTheOffsetThatComesAlong() {
    PullRequest plain = pull(connection, QUEUE, 0, 0);
    fixture
        .pull(
            new PullRequest(
                connection,
                "",
                "readers",
                QUEUE,
                0,
                32,
                Integer.MAX_VALUE,
                OptionalLong.of(0),
                0,
                plain.subscription(),
                0))
        .toCompletableFuture()
        .join()
        .close();
    assertThat(fixture.broker.offsets().committed("readers", QUEUE, false)).hasValue(0);
  }

  private ErrorCode codeOf(PullRequest request) {
    return BrokerFixture.codeOf(() -> get(fixture.pull(request)));
  }

  private PullRequest bySubscription(String topic, long version) {
    return new PullRequest(
        connection,
        "client",
        "readers",
        new QueueId(topic, 0),
        0,
        32,
        Integer.MAX_VALUE,
        OptionalLong.empty(),
        0,
        Optional.<Subscription>empty(),
        version);
  }

  private PullRequest limited(int messages, int bytes) {
    PullRequest plain = pull(connection, QUEUE, 0, 0);
    return new PullRequest(
        connection,
        "",
        "readers",
        QUEUE,
        0,
        messages,
        bytes,
        OptionalLong.empty(),
        0,
        plain.subscription(),
        0);
  }
}
