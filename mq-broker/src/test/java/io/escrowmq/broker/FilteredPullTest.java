package io.escrowmq.broker;

import static io.escrowmq.broker.BrokerFixture.bodies;
import static io.escrowmq.broker.BrokerFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.PullAnswer.Status;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.protocol.SendBackRequest;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pulls that select messages by their properties. */
final class FilteredPullTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);

  private BrokerFixture fixture = BrokerFixture.withDefaults();
  private final FakeConnection connection = new FakeConnection("c1");

  @BeforeEach
  void createTopic() {
    fixture.topic("orders", 1);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void findsWhatTheExpressionWants() {
    for (int i = 0; i < 10; i++) {
      fixture.send(
          Requests.to("orders")
              .body("" + i)
              .property("amount", "" + i)
              .property("TAGS", i % 2 == 0 ? "even" : "odd"));
    }
    fixture.send(Requests.to("orders").body("none"));

    PullAnswer answer = get(fixture.pull(sql("amount > 4 AND TAGS = 'even'", 0, 0)));
    assertThat(answer.nextOffset()).isEqualTo(11);
    assertThat(bodies(answer)).containsExactly("6", "8");
    assertThat(bodies(get(fixture.pull(sql("amount IS NULL", 0, 0))))).containsExactly("none");
    assertThat(bodies(get(fixture.pull(sql("UNIQ_KEY IS NOT NULL", 0, 0))))).hasSize(11);

    PullAnswer none = get(fixture.pull(sql("amount > 100", 3, 0)));
    assertThat(none.status()).isEqualTo(Status.NONE_MATCHED);
    assertThat(none.nextOffset()).isEqualTo(11);
  }

  @Test
  void tellsHowFarItLookedWhenNothingMatchesInALongQueue() {
    for (int i = 0; i < 17_000; i++) {
      fixture.send(Requests.to("orders").property("a", "1"));
    }
    PullAnswer answer = get(fixture.pull(sql("a = 2", 0, 15_000)));
    assertThat(answer.status()).isEqualTo(Status.NONE_MATCHED);
    assertThat(answer.nextOffset()).isBetween(10_000L, 16_999L);
    PullAnswer next = get(fixture.pull(sql("a = 2", answer.nextOffset(), 0)));
    assertThat(next.nextOffset()).isEqualTo(17_000);
  }

  /** A clock on which every look at the time takes 10 ms: 100 ms are over after ten messages. */
  @Test
  void stopsLookingWhenItTakesTooLong() {
    fixture.close();
    fixture =
        new BrokerFixture(
            BrokerSettings.DEFAULT, Set.of(Capability.PUSH_NOTIFICATIONS), SlowClock::new);
    fixture.topic("orders", 1);
    for (int i = 0; i < 100; i++) {
      fixture.send(Requests.to("orders").body("" + i).property("a", i == 3 ? "2" : "1"));
    }

    PullAnswer some = get(fixture.pull(sql("a = 2", 0, 15_000)));
    assertThat(some.nextOffset()).isBetween(5L, 15L);
    assertThat(bodies(some)).containsExactly("3");
    PullAnswer none = get(fixture.pull(sql("a = 3", 0, 15_000)));
    assertThat(none.status()).isEqualTo(Status.NONE_MATCHED);
    assertThat(none.nextOffset()).isBetween(5L, 15L);
  }

  @Test
  void waitsOnUntilAMessageMatches() {
    CompletableFuture<PullAnswer> waiting =
        fixture.pull(sql("a = 2", 0, 15_000)).toCompletableFuture();
    fixture.send(Requests.to("orders").property("a", "1"));
    fixture.send(Requests.to("orders").property("a", "one"));
    assertThat(waiting).isNotDone();
    fixture.send(Requests.to("orders").body("here").property("a", "2"));
    PullAnswer answer = get(waiting);
    assertThat(answer.nextOffset()).isEqualTo(3);
    assertThat(bodies(answer)).containsExactly("here");

    CompletableFuture<PullAnswer> again =
        fixture.pull(sql("a = 2", 3, 15_000)).toCompletableFuture();
    fixture.send(Requests.to("orders").property("a", "1"));
    fixture.pass(Duration.ofSeconds(15));
    assertThat(get(again).status()).isEqualTo(Status.NONE_MATCHED);
    assertThat(get(again).nextOffset()).isEqualTo(4);
  }

  @Test
  void usesTheNewestExpressionOfTheHeartbeat() {
    fixture.send(Requests.to("orders").body("1").property("a", "1"));
    fixture.send(Requests.to("orders").body("2").property("a", "2"));
    beat(new Subscription("orders", Subscription.SQL92, "a = 1", 1));
    assertThat(bodies(get(fixture.pull(bySubscription(1))))).containsExactly("1");

    ErrorCode early = BrokerFixture.codeOf(() -> get(fixture.pull(bySubscription(2))));
    assertThat(early).isEqualTo(ErrorCode.SUBSCRIPTION_NOT_LATEST);
    beat(new Subscription("orders", Subscription.SQL92, "a = 2", 2));
    assertThat(bodies(get(fixture.pull(bySubscription(2))))).containsExactly("2");
    beat(new Subscription("orders", Subscription.TAG, "*", 3));
    assertThat(bodies(get(fixture.pull(bySubscription(3))))).containsExactly("1", "2");
  }

  @Test
  void aWaitingPullFollowsTheSubscription() {
    beat(new Subscription("orders", Subscription.SQL92, "a = 1", 1));
    CompletableFuture<PullAnswer> waiting =
        fixture.pull(pull(Optional.empty(), 0, 15_000, 1)).toCompletableFuture();
    fixture.send(Requests.to("orders").body("before").property("a", "2"));
    beat(new Subscription("orders", Subscription.SQL92, "a = 2", 2));
    fixture.send(Requests.to("orders").body("unwanted").property("a", "1"));
    assertThat(waiting).isNotDone();
    fixture.send(Requests.to("orders").body("after").property("a", "2"));
    assertThat(bodies(get(waiting))).containsExactly("after");

    CompletableFuture<PullAnswer> refused =
        fixture.pull(pull(Optional.empty(), 3, 15_000, 2)).toCompletableFuture();
    beat(new Subscription("orders", Subscription.SQL92, "a =", 3));
    fixture.send("orders", "wakes it");
    assertThat(refusal(() -> get(refused))).contains("wrong at column 4");
  }

  @Test
  void saysWhatIsWrongWithAnExpression() {
    String wrong =
        "the SQL92 filter of topic orders is wrong at column 5, near \"a > AND b\": a value is"
            + " missing before AND. There must be";
    assertThat(refusal(() -> get(fixture.pull(sql("a > AND b", 0, 0))))).startsWith(wrong);

    Subscription bad = new Subscription("orders", Subscription.SQL92, "a > AND b", 1);
    assertThat(refusal(() -> fixture.broker.groups().checkSubscription("readers", bad)))
        .startsWith(wrong);
    // A heartbeat is not refused, or the client's other groups would suffer; its pulls are.
    beat(bad);
    assertThat(refusal(() -> get(fixture.pull(bySubscription(1))))).startsWith(wrong);
  }

  @Test
  void refusesClassesOfTheClient() {
    Subscription byClass =
        new Subscription("orders", Subscription.CLASS_FILTER, "com.example.Filter", 1);
    assertThat(refusal(() -> get(fixture.pull(pull(Optional.of(byClass), 0, 0, 1)))))
        .startsWith("a filter class for topic orders is refused");
    beat(byClass);
    assertThat(refusal(() -> get(fixture.pull(bySubscription(1)))))
        .startsWith("a filter class for topic orders is refused");
  }

  /** The client subscribes to its retry topic by tag, to everything (Apache RocketMQ 5.x too). */
  @Test
  void bringsBackWhatTheGroupOnceTook() {
    beat(
        new Subscription("orders", Subscription.SQL92, "a = 1", 1),
        new Subscription("%RETRY%readers", Subscription.TAG, "*", 1));
    fixture.send(Requests.to("orders").body("again").property("a", "1"));
    Message message = fixture.messages(QUEUE).getFirst();
    get(
        fixture
            .broker
            .sending()
            .sendBack(
                new SendBackRequest("readers", message.position(), "", 1, OptionalInt.empty())));
    beat(
        new Subscription("orders", Subscription.SQL92, "a = 2", 2),
        new Subscription("%RETRY%readers", Subscription.TAG, "*", 2));
    fixture.pass(Duration.ofSeconds(1));

    PullRequest retries =
        new PullRequest(
            connection,
            "client",
            "readers",
            new QueueId("%RETRY%readers", 0),
            0,
            32,
            Integer.MAX_VALUE,
            OptionalLong.empty(),
            0,
            Optional.empty(),
            2);
    assertThat(bodies(get(fixture.pull(retries)))).containsExactly("again");
  }

  private void beat(Subscription... subscriptions) {
    Heartbeat.Consumer consumer =
        new Heartbeat.Consumer(
            "readers",
            Heartbeat.ConsumeType.PASSIVELY,
            Heartbeat.MessageModel.CLUSTERING,
            Heartbeat.ConsumeFrom.FIRST_OFFSET,
            Set.of(subscriptions));
    fixture
        .broker
        .groups()
        .heartbeat(connection, new Heartbeat("client", Set.of(), List.of(consumer)));
  }

  private PullRequest sql(String expression, long offset, long suspendMs) {
    Subscription subscription = new Subscription("orders", Subscription.SQL92, expression, 0);
    return pull(Optional.of(subscription), offset, suspendMs, 0);
  }

  private PullRequest bySubscription(long version) {
    return pull(Optional.empty(), 0, 0, version);
  }

  private PullRequest pull(
      Optional<Subscription> subscription, long offset, long suspendMs, long version) {
    return new PullRequest(
        connection,
        "client",
        "readers",
        QUEUE,
        offset,
        32,
        Integer.MAX_VALUE,
        OptionalLong.empty(),
        suspendMs,
        subscription,
        version);
  }

  private static String refusal(Runnable action) {
    BrokerException e = catchThrowableOfType(BrokerException.class, action::run);
    assertThat(e).isNotNull();
    assertThat(e.code()).isEqualTo(ErrorCode.FILTER_INVALID);
    return e.describe();
  }

  /** Every look at the monotonic clock takes 10 ms. */
  private static final class SlowClock implements TimeSource {
    private final TimeSource wall;
    private final AtomicLong nanos = new AtomicLong();

    SlowClock(TimeSource wall) {
      this.wall = wall;
    }

    @Override
    public long nowMs() {
      return wall.nowMs();
    }

    @Override
    public long nanos() {
      return nanos.addAndGet(10_000_000);
    }
  }
}
