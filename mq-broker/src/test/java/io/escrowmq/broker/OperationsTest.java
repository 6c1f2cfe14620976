package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.NamedValues;
import io.escrowmq.spi.protocol.Operations.Rate;
import io.escrowmq.spi.protocol.RetryPolicy;
import io.escrowmq.spi.protocol.SendBackRequest;
import io.escrowmq.spi.protocol.ServerPush.MembersChanged;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteBatch;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What operators see and do. */
final class OperationsTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);

  private final BrokerFixture fixture = BrokerFixture.withDefaults();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void groupsAreKept() {
    GroupConfig group =
        new GroupConfig(
            "g",
            false,
            true,
            true,
            false,
            3,
            7,
            Map.of("a", "1"),
            Map.of("b", "2"),
            new RetryPolicy.Exponential(1, 2, 3));
    groups().createOrUpdate(group);
    fixture.restart();
    assertThat(groups().list()).containsExactly(group);
    assertThat(groups().find("g")).contains(group);
    assertThat(groups().find("h")).isEmpty();
    assertThat(fixture.broker.topics().route("%RETRY%g").orElseThrow().readQueues()).isEqualTo(3);
  }

  @Test
  void groupsOfTheFirstFormatHaveTheBrokersLimits() {
    Bytes row = Bytes.wrap(ByteBuffer.allocate(9).put((byte) 1).putLong(5).array());
    BrokerFixture.get(
        fixture.storage.write(WriteBatch.of(new Mutation.Put("groups", Bytes.utf8("old"), row))));
    fixture.restart();
    assertThat(groups().find("old"))
        .contains(GroupConfig.of("old", BrokerSettings.DEFAULT.topics().maxReconsumeTimes()));
  }

  @Test
  void illegalGroupsAreRefused() {
    assertThat(BrokerFixture.codeOf(() -> groups().createOrUpdate(GroupConfig.of("a b", 1))))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(BrokerFixture.codeOf(() -> groups().createOrUpdate(GroupConfig.of("g", -2))))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(groups().list()).isEmpty();
  }

  @Test
  void aGroupThatMayNotConsumeIsRefused() {
    fixture.topic("orders", 1);
    fixture.send("orders", "a");
    FakeConnection connection = join("id", "g");
    groups().createOrUpdate(switchedOff("g"));
    assertThat(
            BrokerFixture.codeOf(() ->
                BrokerFixture.get(
                    fixture.pull(BrokerFixture.pull(connection, QUEUE, 0, 0, "*", "g")))))
        .isEqualTo(ErrorCode.NO_PERMISSION);
  }

  @Test
  void aGroupThatMayNotBroadcastIsRefusedOnlyThat() {
    fixture.topic("orders", 1);
    fixture.send("orders", "a");
    groups()
        .createOrUpdate(
            new GroupConfig(
                "g", true, false, false, true, 1, 1, Map.of(), Map.of(), RetryPolicy.LEVELS));
    FakeConnection clustering = join("one", "g");
    FakeConnection broadcasting = new FakeConnection("two");
    Heartbeat.Consumer member =
        new Heartbeat.Consumer(
            "g",
            Heartbeat.ConsumeType.PASSIVELY,
            Heartbeat.MessageModel.BROADCASTING,
            Heartbeat.ConsumeFrom.FIRST_OFFSET,
            Set.of(new Subscription("orders", Subscription.TAG, "*", 1)));
    fixture
        .broker
        .groups()
        .heartbeat(broadcasting, new Heartbeat("two", Set.of(), List.of(member)));
    assertThat(
            BrokerFixture.codeOf(() ->
                BrokerFixture.get(
                    fixture.pull(BrokerFixture.pull(broadcasting, QUEUE, 0, 0, "*", "g")))))
        .isEqualTo(ErrorCode.NO_PERMISSION);
    assertThat(
            BrokerFixture.bodies(
                BrokerFixture.get(
                    fixture.pull(BrokerFixture.pull(clustering, QUEUE, 0, 0, "*", "g")))))
        .containsExactly("a");
  }

  @Test
  void aGroupHasItsOwnLimitOfRetries() {
    fixture.topic("orders", 1);
    join("id", "g");
    groups().createOrUpdate(GroupConfig.of("g", 0));
    fixture.send("orders", "poison");
    Message message = fixture.messages("orders", 0).getFirst();
    BrokerFixture.get(
        fixture
            .broker
            .sending()
            .sendBack(new SendBackRequest("g", message.position(), "", 0, OptionalInt.empty())));
    assertThat(fixture.bodies("%DLQ%g", 0)).containsExactly("poison");
  }

  @Test
  void membersAreNotToldWhereTheGroupDoesNotWant() {
    groups()
        .createOrUpdate(
            new GroupConfig(
                "g", true, true, false, false, 1, 1, Map.of(), Map.of(), RetryPolicy.LEVELS));
    FakeConnection first = join("x", "g");
    join("y", "g");
    assertThat(first.pushes(MembersChanged.class)).isEmpty();
    assertThat(groups().consumers("g"))
        .extracting(GroupDirectory.Consumer::clientId)
        .containsExactlyInAnyOrder("x", "y");
  }

  @Test
  void producersAreShown() {
    fixture
        .broker
        .groups()
        .heartbeat(new FakeConnection("p"), BrokerFixture.producer("id", "producers"));
    assertThat(groups().producers()).containsOnlyKeys("producers");
    assertThat(groups().producers().get("producers").getFirst().clientId()).isEqualTo("id");
  }

  @Test
  void offsetsAreShownWhetherWrittenOrNot() {
    fixture.topic("orders", 2);
    QueueId second = new QueueId("orders", 1);
    fixture.broker.offsets().commit("g", QUEUE, 1);
    fixture.broker.offsets().commit("g2", QUEUE, 9);
    FakeConnection connection = join("id", "g");
    var pull = BrokerFixture.pull(connection, second, 0, 0, "*", "g");
    BrokerFixture.get(fixture.pull(pull)).close();
    fixture.broker.offsets().commit("g", second, 0);
    assertThat(groups().progress().of("g"))
        .containsOnly(Map.entry(QUEUE, 1L), Map.entry(second, 0L));
  }

  @Test
  void aDeletedGroupIsGone() {
    fixture.topic("orders", 1);
    join("id", "g");
    fixture.broker.offsets().commit("g", QUEUE, 1);
    fixture.broker.offsets().commit("g2", QUEUE, 2);
    groups().delete("g", true);
    assertThat(groups().find("g")).isEmpty();
    assertThat(groups().progress().of("g")).isEmpty();
    assertThat(groups().progress().of("g2")).containsOnly(Map.entry(QUEUE, 2L));
    assertThat(fixture.broker.topics().list()).extracting("name").doesNotContain("%RETRY%g");
    groups().delete("g", true);
    fixture.restart();
    assertThat(groups().find("g")).isEmpty();
  }

  @Test
  void valuesAreKeptByNamespace() {
    NamedValues values = fixture.broker.operations().values();
    values.put("n", "b", "1");
    values.put("n", "a", "ü");
    values.put("n2", "a", "3");
    fixture.restart();
    values = fixture.broker.operations().values();
    assertThat(values.all("n")).containsExactly(Map.entry("a", "ü"), Map.entry("b", "1"));
    values.remove("n", "a");
    assertThat(values.find("n", "a")).isEmpty();
    assertThat(values.find("n2", "a")).contains("3");
    String tooLong = "x".repeat(2000);
    NamedValues last = values;
    assertThat(BrokerFixture.codeOf(() -> last.put("n", tooLong, "v")))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
  }

  @Test
  void ratesFollowTheCounters() {
    fixture.topic("orders", 1);
    assertThat(rate()).isEqualTo(new Rate(0, 0, 0));
    for (int i = 0; i < 60; i++) {
      fixture.send("orders", "m" + i);
    }
    fixture.pass(Duration.ofSeconds(10));
    fixture.pass(Duration.ofSeconds(10));
    assertThat(rate().tenSeconds()).isZero();
    assertThat(rate().minute()).isEqualTo(3.0);
    fixture.pass(Duration.ofSeconds(100));
    assertThat(rate().minute()).isZero();
    assertThat(rate().tenMinutes()).isEqualTo(0.5);
    assertThat(fixture.broker.operations().statistics()).containsEntry("sent-messages-total", 60L);
  }

  private Rate rate() {
    return fixture.broker.operations().rates().getOrDefault("sent-messages-total", NEVER);
  }

  private static final Rate NEVER = new Rate(-1, -1, -1);

  private static GroupConfig switchedOff(String name) {
    return new GroupConfig(
        name, false, true, false, true, 1, 1, Map.of(), Map.of(), RetryPolicy.LEVELS);
  }

  private FakeConnection join(String clientId, String group) {
    FakeConnection connection = new FakeConnection(clientId);
    fixture
        .broker
        .groups()
        .heartbeat(connection, BrokerFixture.consumer(clientId, group, "orders", "*"));
    return connection;
  }

  private GroupDirectory groups() {
    return fixture.broker.operations().groups();
  }
}
