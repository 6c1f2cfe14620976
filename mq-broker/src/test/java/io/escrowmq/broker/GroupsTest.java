package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.ServerPush.MembersChanged;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GroupsTest {

  private BrokerFixture fixture = BrokerFixture.withDefaults();
  private final FakeConnection one = new FakeConnection("one");
  private final FakeConnection two = new FakeConnection("two");

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void tellsEverybodyWhenAMemberComes() {
    beat(one, "b-client");
    beat(two, "a-client");
    assertThat(fixture.broker.groups().members("g")).containsExactly("a-client", "b-client");
    assertThat(one.pushes(MembersChanged.class)).hasSize(2);
    assertThat(two.pushes()).containsExactly(new MembersChanged("g"));
    beat(one, "b-client");
    beat(two, "a-client");
    assertThat(one.pushes()).hasSize(2);
    assertThat(two.pushes()).hasSize(1);
  }

  @Test
  void countsAClientWithTwoConnectionsOnce() {
    beat(one, "client");
    beat(two, "client");
    assertThat(fixture.broker.groups().members("g")).containsExactly("client");
    fixture.broker.groups().connectionClosed(one);
    assertThat(fixture.broker.groups().members("g")).containsExactly("client");
  }

  @Test
  void tellsTheOthersWhenAMemberLeaves() {
    beat(one, "x");
    beat(two, "y");
    fixture.broker.groups().unregister(one, "x", "", "g");
    assertThat(fixture.broker.groups().members("g")).containsExactly("y");
    assertThat(two.pushes(MembersChanged.class)).hasSize(2);
    fixture.broker.groups().unregister(one, "x", "", "g");
    assertThat(two.pushes(MembersChanged.class)).hasSize(2);
  }

  @Test
  void tellsTheOthersWhenAConnectionCloses() {
    beat(one, "x");
    beat(two, "y");
    one.close();
    fixture.broker.groups().connectionClosed(one);
    assertThat(fixture.broker.groups().members("g")).containsExactly("y");
    assertThat(two.pushes(MembersChanged.class)).hasSize(2);
    fixture.broker.groups().connectionClosed(new FakeConnection("never seen"));
  }

  @Test
  void doesNotKeepAClientWhoseConnectionClosedMeanwhile() {
    one.close();
    beat(one, "x");
    assertThat(fixture.broker.groups().members("g")).isEmpty();
  }

  @Test
  void forgetsSilentClients() {
    beat(one, "x");
    beat(two, "y");
    fixture.pass(Duration.ofSeconds(60));
    beat(two, "y");
    fixture.pass(Duration.ofSeconds(59));
    assertThat(fixture.broker.groups().members("g")).containsExactly("x", "y");
    fixture.pass(Duration.ofSeconds(11));
    assertThat(fixture.broker.groups().members("g")).containsExactly("y");
    assertThat(two.pushes(MembersChanged.class)).hasSize(2);
  }

  @Test
  void tellsEverybodyWhenASubscriptionChanges() {
    assertThat(beat(one, "x", subscription("orders", "*", 1))).isFalse();
    assertThat(beat(one, "x", subscription("orders", "*", 2))).isFalse();
    assertThat(one.pushes()).hasSize(1);
    assertThat(beat(one, "x", subscription("orders", "a", 3))).isTrue();
    assertThat(one.pushes()).hasSize(2);
    assertThat(beat(one, "x", subscription("orders", "a", 3), subscription("more", "*", 3)))
        .isTrue();
    assertThat(one.pushes()).hasSize(3);
  }

  @Test
  void survivesMembersThatCannotBeTold() {
    beat(one, "x");
    one.fill();
    beat(two, "y");
    assertThat(fixture.broker.groups().members("g")).containsExactly("x", "y");
  }

  @Test
  void checksSubscriptions() {
    fixture.broker.groups().checkSubscription("g", subscription("orders", "a || b", 1));
    fixture.broker.groups().checkSubscription("g", new Subscription("orders", "SQL92", "a > 1", 1));
    assertThat(
            BrokerFixture.codeOf(() ->
                fixture
                    .broker
                    .groups()
                    .checkSubscription("g", new Subscription("orders", "SQL92", "a >", 1))))
        .isEqualTo(ErrorCode.FILTER_INVALID);
  }

  @Test
  void skipsUnknownGroupsWithoutAutoCreation() {
    fixture.close();
    fixture =
        BrokerFixture.start(
            BrokerSettings.DEFAULT.withTopics(BrokerSettings.Topics.DEFAULT.withAutoCreate(false)));
    assertThat(beat(one, "x")).isFalse();
    assertThat(fixture.broker.groups().members("g")).isEmpty();
    assertThat(fixture.broker.topics().route("%RETRY%g")).isEmpty();
  }

  @Test
  void takesConsumersOfKnownGroupsWhileTheStoreIsFull() {
    fixture.topic("orders", 1);
    fixture.send("orders", "a");
    beat(one, "x");
    QueueId queue = new QueueId("orders", 0);
    BrokerFixture.get(fixture.storage.write(WriteBatch.of(new Mutation.Trim(queue, 1))));
    fixture.restart();
    fixture.storage.failWith(new StorageException.Full("no space"));
    beat(one, "x");
    assertThat(fixture.broker.groups().members("g")).containsExactly("x");
    assertThat(fixture.broker.offsets().committed("g", queue, true)).hasValue(1);
    assertThat(
            BrokerFixture.get(fixture.pull(BrokerFixture.pull(one, queue, 0, 0, "*", "g")))
                .status())
        .isEqualTo(PullAnswer.Status.OFFSET_MOVED);
    fixture.storage.failWith(null);
  }

  @Test
  void remembersGroupsOverARestart() {
    beat(one, "x");
    fixture.restart();
    assertThat(fixture.broker.statistics()).containsEntry("consumer-groups", 1L);
    assertThat(fixture.broker.groups().members("g")).isEmpty();
  }

  @Test
  void locksQueuesForOneClientAtATime() {
    QueueId a = new QueueId("orders", 0);
    QueueId b = new QueueId("orders", 1);
    var consuming = fixture.broker.consuming();
    assertThat(consuming.lock("g", "x", List.of(a, b))).containsExactly(a, b);
    assertThat(consuming.lock("g", "y", List.of(a, b))).isEmpty();
    assertThat(consuming.lock("other", "y", List.of(a))).containsExactly(a);
    fixture.pass(Duration.ofSeconds(40));
    assertThat(consuming.lock("g", "x", List.of(a))).containsExactly(a);
    fixture.pass(Duration.ofSeconds(20));
    assertThat(consuming.lock("g", "y", List.of(a, b))).containsExactly(b);
    consuming.unlock("g", "y", List.of(a, b));
    assertThat(consuming.lock("g", "z", List.of(a, b))).containsExactly(b);
    fixture.pass(Duration.ofSeconds(70));
    assertThat(fixture.broker.statistics()).containsEntry("queue-locks", 0L);
  }

  private boolean beat(FakeConnection connection, String clientId) {
    return beat(connection, clientId, subscription("orders", "*", 1));
  }

  private boolean beat(FakeConnection connection, String clientId, Subscription... subscriptions) {
    return fixture
        .broker
        .groups()
        .heartbeat(
            connection,
            new Heartbeat(
                clientId,
                Set.of(),
                List.of(
                    new Heartbeat.Consumer(
                        "g",
                        Heartbeat.ConsumeType.PASSIVELY,
                        Heartbeat.MessageModel.CLUSTERING,
                        Heartbeat.ConsumeFrom.LAST_OFFSET,
                        Set.of(subscriptions)))));
  }

  private static Subscription subscription(String topic, String expression, long version) {
    return new Subscription(topic, Subscription.TAG, expression, version);
  }
}
