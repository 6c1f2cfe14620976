package io.escrowmq.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.migration.SourceSnapshot.OfBroker;
import io.escrowmq.migration.SourceSnapshot.Position;
import io.escrowmq.migration.SourceSnapshot.Waiting;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PlannerTest {

  private static final SourceBroker A = new SourceBroker("a", "127.0.0.1:1");
  private static final SourceBroker B = new SourceBroker("b", "127.0.0.1:2");
  private static final QueueBounds TEN = new QueueBounds(2, 10);

  private final Map<Position, Long> offsets = new HashMap<>();
  private final Map<SourceQueue, QueueBounds> bounds = new HashMap<>();

  @Test
  void anUnconsumedMessageIsOneThatSomeGroupHasYetToConsume() {
    offsets.put(new Position("fast", "t", 0), 9L);
    offsets.put(new Position("slow", "t", 0), 5L);
    offsets.put(new Position("fast", "t", 1), 7L);
    offsets.put(new Position("TOOLS_CONSUMER", "t", 0), 0L);
    offsets.put(new Position("deleted", "t", 0), 0L);
    MigrationPlan plan = plan(Scope.UNCONSUMED, List.of(), broker(A, topic("t", 2)));
    // The slow group has never committed in queue 1: what it would read there is everything.
    assertThat(plan.queues()).extracting(MigrationPlan.Queue::from).containsExactly(5L, 2L);
    assertThat(plan.messages()).isEqualTo(5 + 8);
    assertThat(plan.offsets()).hasSize(3);
  }

  @Test
  void scopeMayBeAllOrNothing() {
    offsets.put(new Position("fast", "t", 0), 9L);
    assertThat(plan(Scope.ALL, List.of(), broker(A, topic("t", 1))).messages()).isEqualTo(8);
    assertThat(plan(Scope.NONE, List.of(), broker(A, topic("t", 1))).messages()).isZero();
  }

  @Test
  void offsetsOutsideTheMessagesBeginAtTheirEdge() {
    offsets.put(new Position("fast", "t", 0), 0L);
    offsets.put(new Position("fast", "t", 1), 99L);
    MigrationPlan plan = plan(Scope.UNCONSUMED, List.of(), broker(A, topic("t", 2)));
    assertThat(plan.queues()).extracting(MigrationPlan.Queue::from).containsExactly(2L, 10L);
  }

  @Test
  void deadLettersAreCopiedWhole() {
    offsets.put(new Position("fast", "%DLQ%fast", 0), 9L);
    MigrationPlan plan = plan(Scope.UNCONSUMED, List.of(), broker(A, topic("%DLQ%fast", 1)));
    assertThat(plan.messages()).isEqualTo(8);
  }

  @Test
  void queuesOfTheNextBrokerFollow() {
    MigrationPlan plan =
        plan(Scope.ALL, List.of(), broker(A, topic("t", 2)), broker(B, topic("t", 3)));
    MigrationPlan.Topic topic = plan.topics().getFirst();
    assertThat(topic.config().readQueues()).isEqualTo(5);
    assertThat(topic.config().writeQueues()).isEqualTo(5);
    assertThat(MigrationText.origins(topic)).isEqualTo("0-1 a 0-1, 2-4 b 0-2");
  }

  @Test
  void aQueueKeepsItsNumberWhenOthersCome() {
    List<QueueProgress> earlier =
        List.of(done("t", 0, A, 0, 4), done("t", 1, A, 1, 10), done("t", 2, B, 0, 10));
    MigrationPlan plan =
        plan(Scope.ALL, earlier, broker(A, topic("t", 3)), broker(B, topic("t", 1)));
    MigrationPlan.Topic topic = plan.topics().getFirst();
    assertThat(MigrationText.origins(topic)).isEqualTo("0-1 a 0-1, 2 b 0, 3 a 2");
    assertThat(topic.queues())
        .extracting(MigrationPlan.Queue::from)
        .containsExactly(4L, 10L, 10L, 2L);
  }

  @Test
  void whatTheSourceForgotMeanwhileIsAnObstacle() {
    bounds.put(new SourceQueue("a", "t", 0), new QueueBounds(20, 30));
    MigrationPlan plan = plan(Scope.ALL, List.of(done("t", 0, A, 0, 4)), broker(A, topic("t", 1)));
    assertThat(plan.obstacles())
        .singleElement()
        .asString()
        .contains("its retention removed messages");
  }

  @Test
  void topicsThatCannotBeCopiedAreObstacles() {
    TopicConfig hidden = new TopicConfig("hidden", 1, 1, 2, 0, false, Map.of());
    TopicConfig batches =
        new TopicConfig("batches", 1, 1, 6, 0, false, Map.of("queue.type", "BatchCQ"));
    MigrationPlan plan = plan(Scope.ALL, List.of(), broker(A, hidden, batches));
    assertThat(plan.obstacles()).hasSize(2);
    assertThat(plan(Scope.NONE, List.of(), broker(A, hidden, batches)).obstacles()).isEmpty();
  }

  @Test
  void theClustersOwnNamesStayThere() {
    MigrationPlan plan =
        plan(
            Scope.ALL,
            List.of(),
            broker(
                A,
                topic("a", 1),
                topic("cluster", 1),
                topic("cluster_REPLY_TOPIC", 1),
                topic("RMQ_SYS_TRANS_HALF_TOPIC", 1),
                topic("SCHEDULE_TOPIC_XXXX", 18),
                topic("rmq_sys_REVIVE_LOG_cluster", 8),
                topic("%RETRY%fast_t", 1),
                topic("%RETRY%fast", 1)));
    assertThat(plan.topics())
        .extracting(topic -> topic.config().name())
        .containsExactly("%RETRY%fast");
    assertThat(plan.notes()).anyMatch(note -> note.contains("%RETRY%fast_t is left out"));
    assertThat(plan.groups()).extracting(GroupConfig::name).containsExactly("fast", "slow");
  }

  @Test
  void patternsChooseAndLeaveOut() {
    Selection some = Selection.of(List.of("order*", "!*-test", "a?"));
    assertThat(some.contains("orders")).isTrue();
    assertThat(some.contains("orders-test")).isFalse();
    assertThat(some.contains("ab")).isTrue();
    assertThat(some.contains("abc")).isFalse();
    assertThat(Selection.of(List.of("!x")).contains("y")).isTrue();
    assertThat(Selection.of(List.of()).contains("y")).isTrue();
  }

  private MigrationPlan plan(Scope scope, List<QueueProgress> earlier, OfBroker... brokers) {
    SourceSnapshot source = new SourceSnapshot(List.of("cluster"), List.of(brokers));
    Planner planner =
        new Planner(
            source,
            new Planner.Choice(Selection.of(List.of()), Selection.of(List.of()), scope),
            earlier);
    return planner.plan(planner.candidates(), queue -> bounds.getOrDefault(queue, TEN));
  }

  private static QueueProgress done(
      String topic, int number, SourceBroker broker, int there, long next) {
    SourceQueue source = new SourceQueue(broker.name(), topic, there);
    return QueueProgress.begin(new QueueId(topic, number), source, 2)
        .copied(next, 100, Chain.START);
  }

  private OfBroker broker(SourceBroker broker, TopicConfig... topics) {
    Map<String, TopicConfig> byName = new HashMap<>();
    for (TopicConfig topic : topics) {
      byName.put(topic.name(), topic);
    }
    Map<String, GroupConfig> groups =
        Map.of(
            "fast", GroupConfig.of("fast", 16),
            "slow", GroupConfig.of("slow", 3),
            "TOOLS_CONSUMER", GroupConfig.of("TOOLS_CONSUMER", 16));
    return new OfBroker(broker, byName, groups, Map.copyOf(offsets), Waiting.NOTHING);
  }

  private static TopicConfig topic(String name, int queues) {
    return TopicConfig.of(name, queues);
  }
}
