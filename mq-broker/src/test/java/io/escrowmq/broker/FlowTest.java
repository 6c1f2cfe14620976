package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Flow;
import io.escrowmq.spi.protocol.Flow.Kind;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.RetryPolicy;
import io.escrowmq.spi.protocol.SendBackRequest;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How much goes through topics and to groups, and the limits on that. */
final class FlowTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);

  private final BrokerFixture fixture = BrokerFixture.withDefaults();
  private final FakeConnection connection = new FakeConnection("c");

  @BeforeEach
  void prepare() {
    fixture.topic("orders", 1);
    fixture.broker.groups().heartbeat(connection, BrokerFixture.consumer("id", "g", "orders", "*"));
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void whatIsSentPulledAndGivenBackIsCounted() {
    fixture.send("orders", "one");
    BrokerFixture.get(
        fixture.broker.sending().sendBatch(Requests.to("orders").batchOf("two", "three")));
    fixture.send(Requests.to("orders").property("DELAY", "1").body("later"));
    fixture.send(Requests.to("orders").property("TRAN_MSG", "true").body("half"));
    assertThat(pull(0)).isEqualTo(3);
    Message message = fixture.messages("orders", 0).getFirst();
    BrokerFixture.get(
        fixture
            .broker
            .sending()
            .sendBack(new SendBackRequest("g", message.position(), "", 1, OptionalInt.empty())));
    fixture.pass(Duration.ofSeconds(5));
    Flow.Volume sent = flow().of(Kind.SENT, "orders", "").orElseThrow();
    assertThat(sent.minute().messages()).isEqualTo(5);
    assertThat(sent.minute().messagesPerSecond()).isEqualTo(1);
    assertThat(sent.day().messages()).isEqualTo(5);
    Flow.Volume pulled = flow().of(Kind.PULLED, "orders", "g").orElseThrow();
    assertThat(pulled.hour().messages()).isEqualTo(3);
    long bytes = fixture.messages("orders", 0).stream().limit(3).mapToLong(Message::size).sum();
    assertThat(pulled.hour().bytes()).isEqualTo(bytes);
    assertThat(flow().of(Kind.GIVEN_BACK, "orders", "g").orElseThrow().minute().messages())
        .isEqualTo(1);
    assertThat(flow().of(Kind.SENT, "nowhere", "")).isEmpty();
    assertThat(flow().of(Kind.PULLED, "orders", "h")).isEmpty();
  }

  @Test
  void everyWindowForgetsInItsTime() {
    ManualTimeSource time = new ManualTimeSource();
    FlowMeters meters = new FlowMeters(time);
    meters.sent("t", 60, 600);
    pass(time, meters, Duration.ofSeconds(50));
    assertThat(volume(meters).minute().messages()).isEqualTo(60);
    pass(time, meters, Duration.ofSeconds(20));
    assertThat(volume(meters).minute().messages()).isZero();
    assertThat(volume(meters).hour().messages()).isEqualTo(60);
    pass(time, meters, Duration.ofMinutes(75));
    assertThat(volume(meters).hour().messages()).isZero();
    assertThat(volume(meters).day().messages()).isEqualTo(60);
    pass(time, meters, Duration.ofHours(22));
    assertThat(volume(meters).day().messages()).isEqualTo(60);
    pass(time, meters, Duration.ofHours(3));
    assertThat(meters.of(Kind.SENT, "t", "")).as("forgotten").isEmpty();
  }

  @Test
  void aSteadyStreamHasOneRateInEveryWindow() {
    ManualTimeSource time = new ManualTimeSource();
    FlowMeters meters = new FlowMeters(time);
    for (int i = 0; i < 30 * 360; i++) {
      meters.sent("t", 50, 500);
      pass(time, meters, Duration.ofSeconds(10));
    }
    assertThat(volume(meters).minute().messagesPerSecond()).isCloseTo(5, within(0.01));
    assertThat(volume(meters).hour().messagesPerSecond()).isCloseTo(5, within(0.01));
    assertThat(volume(meters).day().messagesPerSecond()).isCloseTo(5, within(0.01));
    assertThat(volume(meters).day().bytesPerSecond()).isCloseTo(50, within(0.1));
    assertThat(volume(meters).day().seconds()).isBetween(82_000.0, 90_000.0);
  }

  @Test
  void streamsBeyondTheLimitAreNotCounted() {
    FlowMeters meters = new FlowMeters(new ManualTimeSource());
    for (int i = 0; i <= FlowMeters.MOST; i++) {
      meters.sent("t" + i, 1, 1);
    }
    assertThat(meters.of(Kind.SENT, "t0", "")).isPresent();
    assertThat(meters.of(Kind.SENT, "t" + FlowMeters.MOST, "")).isEmpty();
  }

  @Test
  void aGroupWithALimitIsSlowedDown() {
    groups().createOrUpdate(limited("10"));
    for (int i = 0; i < 40; i++) {
      fixture.send("orders", "m" + i);
    }
    assertThat(pull(0)).as("the first answer is whole").isEqualTo(32);
    assertThat(codeOfPull(32)).isEqualTo(ErrorCode.THROTTLED);
    fixture.pass(Duration.ofSeconds(3));
    assertThat(codeOfPull(32)).isEqualTo(ErrorCode.THROTTLED);
    fixture.pass(Duration.ofMillis(300));
    assertThat(pull(32)).isEqualTo(8);
    assertThat(codeOfPull(40)).isEqualTo(ErrorCode.THROTTLED);
    groups().createOrUpdate(GroupConfig.of("g", 16));
    assertThat(pull(32)).isEqualTo(8);
    assertThat(BrokerFixture.codeOf(() -> groups().createOrUpdate(limited("0"))))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(BrokerFixture.codeOf(() -> groups().createOrUpdate(limited("many"))))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
  }

  @Test
  void aGroupIsForbiddenToReadOneTopic() {
    fixture.topic("other", 1);
    fixture.send("orders", "a");
    groups().readRules().forbid("g", "orders", true);
    fixture.restart();
    assertThat(groups().readRules().forbidden("g")).containsExactly("orders");
    assertThat(codeOfPull(0)).isEqualTo(ErrorCode.NO_PERMISSION);
    var elsewhere = BrokerFixture.pull(connection, new QueueId("other", 0), 0, 0, "*", "g");
    BrokerFixture.get(fixture.pull(elsewhere)).close();
    groups().readRules().forbid("g", "orders", false);
    assertThat(pull(0)).isEqualTo(1);
    groups().readRules().forbid("g", "orders", true);
    groups().delete("g", true);
    assertThat(groups().readRules().forbidden("g")).isEmpty();
    assertThat(BrokerFixture.codeOf(() -> groups().readRules().forbid("g", "orders", true)))
        .isEqualTo(ErrorCode.GROUP_NOT_FOUND);
    assertThat(BrokerFixture.codeOf(() -> groups().readRules().forbid("g", "nowhere", true)))
        .isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
  }

  @Test
  void offsetsOfAllGroupsInOneLook() {
    fixture.broker.offsets().commit("b", QUEUE, 3);
    fixture.broker.offsets().commit("a", QUEUE, 1);
    fixture.broker.offsets().commit("a", QUEUE, 2);
    assertThat(groups().progress().all())
        .containsExactly(Map.entry("a", Map.of(QUEUE, 2L)), Map.entry("b", Map.of(QUEUE, 3L)));
  }

  @Test
  void messagesAreLookedAt() {
    fixture.send("orders", "a");
    fixture.send("orders", "b");
    fixture.send("orders", "c");
    assertThat(fixture.broker.offsets().look(QUEUE, 1, 5))
        .extracting(Message::queueOffset)
        .containsExactly(1L, 2L);
    assertThat(fixture.broker.offsets().look(QUEUE, 0, 1)).hasSize(1);
    assertThat(fixture.broker.offsets().look(QUEUE, 3, 1)).isEmpty();
  }

  private static void pass(ManualTimeSource time, FlowMeters meters, Duration duration) {
    for (long left = duration.toSeconds(); left > 0; left -= 10) {
      time.advance(Duration.ofSeconds(10));
      meters.sample();
    }
  }

  private static Flow.Volume volume(FlowMeters meters) {
    return meters.of(Kind.SENT, "t", "").orElseThrow();
  }

  private static GroupConfig limited(String perSecond) {
    return new GroupConfig(
        "g",
        true,
        true,
        false,
        true,
        1,
        16,
        Map.of("consume.max.tps", perSecond),
        Map.of(),
        RetryPolicy.LEVELS);
  }

  private int pull(long offset) {
    var request = BrokerFixture.pull(connection, QUEUE, offset, 0, "*", "g");
    return BrokerFixture.bodies(BrokerFixture.get(fixture.pull(request))).size();
  }

  private ErrorCode codeOfPull(long offset) {
    return BrokerFixture.codeOf(() -> pull(offset));
  }

  private GroupDirectory groups() {
    return fixture.broker.operations().groups();
  }

  private Flow flow() {
    return fixture.broker.operations().flow();
  }
}
