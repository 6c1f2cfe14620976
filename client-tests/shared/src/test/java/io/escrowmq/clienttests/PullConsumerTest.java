package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static io.escrowmq.clienttests.SendTest.numbered;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Consumers that ask: the lite pull consumer and the classic one. */
final class PullConsumerTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void aLitePullConsumerSubscribesAndPolls() throws Exception {
    String topic = clients.topic(4);
    send(topic, 30);
    DefaultLitePullConsumer consumer = litePull(clients.name("group"));
    consumer.subscribe(topic, "*");
    clients.start(consumer);

    assertThat(poll(consumer, 30)).containsExactlyInAnyOrderElementsOf(numbered("m", 30));
  }

  @Test
  void aLitePullConsumerFiltersByTag() throws Exception {
    String topic = clients.topic(1);
    clients.producer().send(new Message(topic, "red", "red".getBytes(UTF_8)));
    clients.producer().send(new Message(topic, "blue", "blue".getBytes(UTF_8)));
    clients.producer().send(new Message(topic, "green", "green".getBytes(UTF_8)));
    DefaultLitePullConsumer consumer = litePull(clients.name("group"));
    consumer.subscribe(topic, "red || green");
    clients.start(consumer);

    assertThat(poll(consumer, 2)).containsExactly("red", "green");
  }

  @Test
  void twoLitePullConsumersShareTheirTopic() throws Exception {
    String topic = clients.topic(4);
    String group = clients.name("group");
    DefaultLitePullConsumer first = litePull(group);
    first.subscribe(topic, "*");
    clients.start(first);
    DefaultLitePullConsumer second = litePull(group);
    second.subscribe(topic, "*");
    clients.start(second);

    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() -> {
          assertThat(second.assignment()).hasSize(2);
          assertThat(first.assignment())
              .hasSize(2)
              .doesNotContainAnyElementsOf(second.assignment());
        });
  }

  @Test
  void anAssignedConsumerSeeks() throws Exception {
    String topic = clients.topic(1);
    send(topic, 10);
    DefaultLitePullConsumer consumer = litePull(clients.name("group"));
    consumer.setAutoCommit(false);
    clients.start(consumer);
    List<MessageQueue> queues = List.copyOf(consumer.fetchMessageQueues(topic));
    consumer.assign(queues);

    // Drained first: the client may still hand out what it was pulling at the moment of a seek.
    assertThat(poll(consumer, 10)).containsExactlyElementsOf(numbered("m", 10));

    consumer.seek(queues.get(0), 7);
    assertThat(poll(consumer, 3)).containsExactly("m7", "m8", "m9");

    consumer.seekToBegin(queues.get(0));
    assertThat(poll(consumer, 10)).containsExactlyElementsOf(numbered("m", 10));

    consumer.seekToEnd(queues.get(0));
    clients.producer().send(message(topic, "new"));
    assertThat(poll(consumer, 1)).contains("new").allMatch("new"::equals);
  }

  @Test
  void aCommittedOffsetIsWhereTheGroupGoesOn() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("group");
    send(topic, 10);
    DefaultLitePullConsumer before = litePull(group);
    before.setAutoCommit(false);
    before.setPullBatchSize(4);
    before.subscribe(topic, "*");
    clients.start(before);
    assertThat(poll(before, 4)).containsExactly("m0", "m1", "m2", "m3");
    MessageQueue queue = before.assignment().iterator().next();
    before.commitSync();
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() -> assertThat(before.committed(queue)).isEqualTo(4));
    before.shutdown();

    DefaultLitePullConsumer after = litePull(group);
    after.subscribe(topic, "*");
    clients.start(after);

    assertThat(poll(after, 6)).containsExactlyElementsOf(numbered("m", 10).subList(4, 10));
  }

  @Test
  void theClassicConsumerPullsFromWhereItWants() throws Exception {
    String topic = clients.topic(1);
    send(topic, 40);
    DefaultMQPullConsumer consumer =
        clients.start(new DefaultMQPullConsumer(clients.name("group")));
    MessageQueue queue = consumer.fetchSubscribeMessageQueues(topic).iterator().next();

    PullResult found = consumer.pull(queue, "*", 5, 10);
    assertThat(found.getPullStatus()).isEqualTo(PullStatus.FOUND);
    assertThat(found.getMsgFoundList().stream().map(Inbox::body))
        .containsExactlyElementsOf(numbered("m", 40).subList(5, 15));
    assertThat(found.getNextBeginOffset()).isEqualTo(15);
    assertThat(found.getMinOffset()).isZero();
    assertThat(found.getMaxOffset()).isEqualTo(40);

    assertThat(consumer.pull(queue, "*", 40, 10).getPullStatus()).isEqualTo(PullStatus.NO_NEW_MSG);
    PullResult beyond = consumer.pull(queue, "*", 1_000, 10);
    assertThat(beyond.getPullStatus()).isEqualTo(PullStatus.OFFSET_ILLEGAL);
    assertThat(beyond.getNextBeginOffset()).isEqualTo(40);
    assertThat(consumer.pull(queue, "no-such-tag", 0, 10).getPullStatus())
        .isEqualTo(PullStatus.NO_MATCHED_MSG);
  }

  @Test
  void theClassicConsumerKeepsItsOffsetOnTheServer() throws Exception {
    String topic = clients.topic(1);
    send(topic, 5);
    DefaultMQPullConsumer consumer =
        clients.start(new DefaultMQPullConsumer(clients.name("group")));
    MessageQueue queue = consumer.fetchSubscribeMessageQueues(topic).iterator().next();

    // Again and again, because the client forgets offsets of queues that it was not assigned.
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() -> {
          consumer.updateConsumeOffset(queue, 3);
          consumer.getOffsetStore().persist(queue);
          assertThat(consumer.fetchConsumeOffset(queue, true)).isEqualTo(3);
        });
  }

  @Test
  void aBlockedPullWakesWhenAMessageArrives() throws Exception {
    String topic = clients.topic(1);
    DefaultMQPullConsumer consumer =
        clients.start(new DefaultMQPullConsumer(clients.name("group")));
    MessageQueue queue = consumer.fetchSubscribeMessageQueues(topic).iterator().next();
    CompletableFuture<PullResult> blocked =
        CompletableFuture.supplyAsync(() -> {
          try {
            return consumer.pullBlockIfNotFound(queue, "*", 0, 10);
          } catch (Exception e) {
            throw new AssertionError("the blocked pull failed", e);
          }
        });
    await().during(Duration.ofMillis(300)).until(() -> !blocked.isDone());

    clients.producer().send(message(topic, "wake up"));

    List<MessageExt> found = blocked.get(5, TimeUnit.SECONDS).getMsgFoundList();
    assertThat(found.stream().map(Inbox::body)).containsExactly("wake up");
  }

  private DefaultLitePullConsumer litePull(String group) {
    DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(group);
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    return consumer;
  }

  private static List<String> poll(DefaultLitePullConsumer consumer, int count) {
    List<String> bodies = new ArrayList<>();
    await()
        .atMost(Inbox.PATIENCE)
        .until(() -> {
          consumer.poll(500).forEach(message -> bodies.add(Inbox.body(message)));
          return bodies.size() >= count;
        });
    return bodies;
  }

  private void send(String topic, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      clients.producer().send(message(topic, "m" + i));
    }
  }
}
