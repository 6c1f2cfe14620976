package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static io.escrowmq.clienttests.SendTest.numbered;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Consumers that are called with messages: one or several in a group, in order or not, each message
 * or a part.
 */
final class PushConsumerTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void messagesArriveWhileTheConsumerWaits() throws Exception {
    String topic = clients.topic(4);
    Inbox inbox = clients.inbox(topic);
    clients.producer().send(message(topic, "m0"));
    inbox.awaitAtLeast(1);

    for (int i = 1; i < 50; i++) {
      clients.producer().send(message(topic, "m" + i));
    }

    inbox.awaitExactly(numbered("m", 50));
  }

  @Test
  void everyGroupGetsEveryMessage() throws Exception {
    String topic = clients.topic(2);
    Inbox first = clients.inbox(topic);
    Inbox second = clients.inbox(topic);

    send(topic, 10);

    first.awaitExactly(numbered("m", 10));
    second.awaitExactly(numbered("m", 10));
  }

  @Test
  void aGroupGoesOnWhereItStopped() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("group");
    Inbox before = new Inbox();
    DefaultMQPushConsumer consumer = start(topic, group, before);
    send(topic, 10);
    before.awaitExactly(numbered("m", 10));
    consumer.shutdown();

    Inbox after = new Inbox();
    clients.producer().send(message(topic, "new"));
    start(topic, group, after);

    assertThat(Inbox.body(after.awaitOne())).isEqualTo("new");
  }

  @Test
  void anOrderlyConsumerGetsEachQueueInOrderAndOneMessageAtATime() throws Exception {
    String topic = clients.topic(3);
    Inbox inbox = new Inbox();
    Set<Integer> busyQueues = ConcurrentHashMap.newKeySet();
    AtomicInteger overlaps = new AtomicInteger();
    DefaultMQPushConsumer consumer = clients.pushConsumer(clients.name("group"));
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerOrderly)
            (messages, context) -> {
              int queue = context.getMessageQueue().getQueueId();
              if (!busyQueues.add(queue)) {
                overlaps.incrementAndGet();
              }
              messages.forEach(inbox::add);
              busyQueues.remove(queue);
              return ConsumeOrderlyStatus.SUCCESS;
            });
    clients.start(consumer);

    for (int i = 0; i < 90; i++) {
      clients
          .producer()
          .send(message(topic, "m" + i), (queues, m, key) -> queues.get((Integer) key), i % 3);
    }

    inbox.awaitExactly(numbered("m", 90));
    assertThat(overlaps).hasValue(0);
    for (int queue = 0; queue < 3; queue++) {
      int id = queue;
      assertThat(
              inbox.messages().stream()
                  .filter(m -> m.getQueueId() == id)
                  .map(MessageExt::getQueueOffset))
          .hasSize(30)
          .isSorted();
    }
  }

  @Test
  void aSuspendedOrderlyQueueComesBackWithTheSameMessageFirst() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = new Inbox();
    AtomicInteger refusals = new AtomicInteger(2);
    DefaultMQPushConsumer consumer = clients.pushConsumer(clients.name("group"));
    consumer.setSuspendCurrentQueueTimeMillis(100);
    consumer.setConsumeMessageBatchMaxSize(1);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerOrderly)
            (messages, context) -> {
              messages.forEach(inbox::add);
              boolean refuse =
                  Inbox.body(messages.get(0)).equals("m1") && refusals.getAndDecrement() > 0;
              return refuse
                  ? ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT
                  : ConsumeOrderlyStatus.SUCCESS;
            });
    clients.start(consumer);

    send(topic, 4);

    inbox.awaitAtLeast(6);
    assertThat(inbox.bodies()).containsExactly("m0", "m1", "m1", "m1", "m2", "m3");
  }

  @Test
  void broadcastGivesEveryMemberEveryMessage() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("group");
    Inbox first = startBroadcast(topic, group);
    Inbox second = startBroadcast(topic, group);

    send(topic, 20);

    first.awaitAtLeast(20);
    second.awaitAtLeast(20);
    assertThat(first.bodies()).containsExactlyInAnyOrderElementsOf(numbered("m", 20));
    assertThat(second.bodies()).containsExactlyInAnyOrderElementsOf(numbered("m", 20));
  }

  private Inbox startBroadcast(String topic, String group) throws MQClientException {
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    ClientLine.setBroadcasting(consumer);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    clients.start(consumer);
    return inbox;
  }

  @Test
  void twoMembersShareTheQueuesAndTheOtherTakesOverWhenOneLeaves() throws Exception {
    String topic = clients.topic(4);
    String group = clients.name("group");
    Inbox first = new Inbox();
    Inbox second = new Inbox();
    start(topic, group, first);
    DefaultMQPushConsumer leaving = start(topic, group, second);

    // Membership spreads in moments: send in rounds until a round is shared half and half.
    AtomicInteger round = new AtomicInteger();
    await()
        .atMost(Inbox.PATIENCE)
        .until(() -> {
          int number = round.incrementAndGet();
          sendToEachQueue(topic, "shared" + number);
          await()
              .atMost(Inbox.PATIENCE)
              .until(() -> received("shared" + number, first, second).size() == 4);
          return queues("shared" + number, first).size() == 2
              && queues("shared" + number, second).size() == 2;
        });
    Set<Integer> ofFirst = queues("shared" + round.get(), first);
    assertThat(ofFirst).doesNotContainAnyElementsOf(queues("shared" + round.get(), second));

    leaving.shutdown();
    sendToEachQueue(topic, "alone");

    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(
            () -> assertThat(queues("alone", first)).containsExactlyInAnyOrder(0, 1, 2, 3));
    assertThat(queues("alone", second)).isEmpty();
  }

  private void sendToEachQueue(String topic, String body) throws Exception {
    for (int queue = 0; queue < 4; queue++) {
      clients
          .producer()
          .send(message(topic, body), (queues, m, key) -> queues.get((Integer) key), queue);
    }
  }

  private static Set<Integer> queues(String body, Inbox inbox) {
    Set<Integer> queues = new HashSet<>();
    inbox.messages().stream()
        .filter(m -> Inbox.body(m).equals(body))
        .forEach(m -> queues.add(m.getQueueId()));
    return queues;
  }

  private static Set<Integer> received(String body, Inbox first, Inbox second) {
    Set<Integer> queues = queues(body, first);
    queues.addAll(queues(body, second));
    return queues;
  }

  @Test
  void tagsChoose() throws Exception {
    String topic = clients.topic(2);
    Inbox some = clients.inbox(topic, "red || green");
    Inbox all = clients.inbox(topic, "*");

    for (String tag : List.of("red", "green", "blue", "red", "redgreen")) {
      clients.producer().send(new Message(topic, tag, tag.getBytes(UTF_8)));
    }
    clients.producer().send(message(topic, "without"));

    all.awaitExactly(List.of("red", "green", "blue", "red", "redgreen", "without"));
    some.awaitExactly(List.of("red", "green", "red"));
  }

  @Test
  void tagsWithTheSameHashAreToldApart() throws Exception {
    String topic = clients.topic(1);
    assertThat("AaAa".hashCode()).isEqualTo("BBBB".hashCode());
    Inbox inbox = clients.inbox(topic, "AaAa");

    clients.producer().send(new Message(topic, "BBBB", "no".getBytes(UTF_8)));
    clients.producer().send(new Message(topic, "AaAa", "yes".getBytes(UTF_8)));

    assertThat(Inbox.body(inbox.awaitOne())).isEqualTo("yes");
  }

  @Test
  void aFilterThatMatchesNothingForLongStillMakesProgress() throws Exception {
    String topic = clients.topic(1);
    for (int i = 0; i < 300; i++) {
      clients.producer().sendOneway(new Message(topic, "noise", ("n" + i).getBytes(UTF_8)));
    }
    clients.producer().send(new Message(topic, "signal", "found".getBytes(UTF_8)));

    assertThat(Inbox.body(clients.inbox(topic, "signal").awaitOne())).isEqualTo("found");
  }

  @Test
  void namespacesKeepClientsApart() throws Exception {
    String topic = clients.topic(1);
    String tenant = clients.name("tenant");
    String group = clients.name("group");
    DefaultMQProducer producer = new DefaultMQProducer(clients.name("producers"));
    producer.setNamespace(tenant);
    clients.start(producer);
    Inbox inside = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.setNamespace(tenant);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inside);
    clients.start(consumer);
    Inbox outside = new Inbox();
    start(topic, group, outside);

    producer.send(message(topic, "inside"));
    clients.producer().send(message(topic, "outside"));

    assertThat(Inbox.body(inside.awaitOne())).isEqualTo("inside");
    assertThat(inside.messages().get(0).getTopic()).isEqualTo(topic);
    assertThat(Inbox.body(outside.awaitOne())).isEqualTo("outside");
  }

  /**
   * On a queue from which nothing was deleted yet, a new group starts at the beginning whatever it
   * asks for.
   */
  @ParameterizedTest
  @EnumSource(
      names = {"CONSUME_FROM_FIRST_OFFSET", "CONSUME_FROM_LAST_OFFSET", "CONSUME_FROM_TIMESTAMP"})
  void aNewGroupOnAYoungQueueStartsAtTheBeginning(ConsumeFromWhere where) throws Exception {
    String topic = clients.topic(2);
    send(topic, 10);
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(clients.name("group"));
    consumer.setConsumeFromWhere(where);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    clients.start(consumer);

    inbox.awaitExactly(numbered("m", 10));
  }

  private void send(String topic, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      clients.producer().send(message(topic, "m" + i));
    }
  }

  private DefaultMQPushConsumer start(String topic, String group, Inbox inbox)
      throws MQClientException {
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    return clients.start(consumer);
  }
}
