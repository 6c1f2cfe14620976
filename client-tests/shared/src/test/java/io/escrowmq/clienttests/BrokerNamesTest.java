package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static io.escrowmq.clienttests.SendTest.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One server that clients see as three brokers. */
@Tag("escrowmq-only")
final class BrokerNamesTest {
  @RegisterExtension
  static final ServerFixture SERVER =
      ServerFixture.own("--escrowmq.cluster.more-broker-names=second,third");

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void aTopicHasItsQueuesAtEveryName() throws Exception {
    String topic = clients.topic(2);
    List<MessageQueue> queues = clients.producer().fetchPublishMessageQueues(topic);
    assertThat(queues)
        .extracting(queue -> queue.getBrokerName() + " " + queue.getQueueId())
        .containsExactlyInAnyOrder(
            "escrowmq 0", "escrowmq 1", "second 0", "second 1", "third 0", "third 1");
    for (MessageQueue queue : queues) {
      SendResult sent = clients.producer().send(message(topic, queue.toString()), queue);
      assertThat(sent.getMessageQueue()).isEqualTo(queue);
      assertThat(sent.getQueueOffset()).isZero();
      assertThat(clients.producer().maxOffset(queue)).isEqualTo(1);
      assertThat(Inbox.body(clients.producer().viewMessage(topic, sent.getOffsetMsgId())))
          .isEqualTo(queue.toString());
    }
    Inbox inbox = clients.inbox(topic);
    inbox.awaitExactly(queues.stream().map(MessageQueue::toString).toList());
    for (MessageExt message : inbox.messages()) {
      assertThat(
              new MessageQueue(topic, message.getBrokerName(), message.getQueueId()).toString())
          .isEqualTo(Inbox.body(message));
    }
  }

  @Test
  void anAutoCreatedTopicIsAtEveryName() throws Exception {
    String topic = clients.name("auto");
    clients.producer().send(message(topic, "first"));
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() ->
            assertThat(
                    clients.producer().fetchPublishMessageQueues(topic).stream()
                        .map(MessageQueue::getBrokerName)
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder("escrowmq", "second", "third"));
    clients.inbox(topic).awaitExactly(List.of("first"));
  }

  @Test
  void orderIsKeptInEveryQueue() throws Exception {
    String topic = clients.topic(2);
    Map<String, List<Integer>> received = new ConcurrentHashMap<>();
    String group = clients.name("ordered");
    for (int i = 0; i < 2; i++) {
      DefaultMQPushConsumer consumer = clients.pushConsumer(group);
      consumer.subscribe(topic, "*");
      consumer.registerMessageListener(
          (MessageListenerOrderly)
              (messages, context) -> {
                for (MessageExt message : messages) {
                  String[] words = Inbox.body(message).split(" ", -1);
                  received.putIfAbsent(words[0], new CopyOnWriteArrayList<>());
                  received.get(words[0]).add(Integer.parseInt(words[1]));
                }
                return ConsumeOrderlyStatus.SUCCESS;
              });
      clients.start(consumer);
    }
    Map<String, List<Integer>> sent = new TreeMap<>();
    for (int i = 0; i < 180; i++) {
      String key = "key" + i % 12;
      sent.putIfAbsent(key, new CopyOnWriteArrayList<>());
      sent.get(key).add(i);
      clients
          .producer()
          .send(
              message(topic, key + " " + i),
              (queues, m, argument) ->
                  queues.get(Math.floorMod(argument.hashCode(), queues.size())),
              key);
    }
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() ->
            assertThat(received.values().stream().mapToInt(List::size).sum()).isEqualTo(180));
    assertThat(new TreeMap<>(received)).isEqualTo(sent);
  }

  @Test
  void retriesComeBack() throws Exception {
    String topic = clients.topic(2);
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(clients.name("retrying"));
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              context.setDelayLevelWhenNextConsume(1);
              messages.forEach(inbox::add);
              return messages.get(0).getReconsumeTimes() == 0
                  ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                  : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    clients.start(consumer);
    for (MessageQueue queue : clients.producer().fetchPublishMessageQueues(topic)) {
      clients.producer().send(message(topic, queue.toString()), queue);
    }
    inbox.awaitAtLeast(12);
    assertThat(new TreeSet<>(inbox.bodies())).hasSize(6);
    assertThat(inbox.messages()).hasSize(12);
  }

  @Test
  void transactionsAreDecidedUnderEveryName() throws Exception {
    String topic = clients.topic(2);
    Inbox inbox = clients.inbox(topic);
    var producer =
        clients.transactionProducer(
            clients.name("transactions"),
            new TransactionListener() {
              @Override
              public LocalTransactionState executeLocalTransaction(Message half, Object argument) {
                return Integer.valueOf(0).equals(argument)
                    ? LocalTransactionState.COMMIT_MESSAGE
                    : LocalTransactionState.UNKNOW;
              }

              @Override
              public LocalTransactionState checkLocalTransaction(MessageExt half) {
                return LocalTransactionState.COMMIT_MESSAGE;
              }
            });
    for (int i = 0; i < 12; i++) {
      producer.sendMessageInTransaction(message(topic, "m" + i), i % 2);
    }
    inbox.awaitExactly(numbered("m", 12));
  }

  @Test
  void membersShareTheQueuesOfAllNames() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("shared");
    Inbox first = new Inbox();
    Inbox second = new Inbox();
    for (Inbox inbox : List.of(first, second)) {
      DefaultMQPushConsumer consumer = clients.pushConsumer(group);
      consumer.subscribe(topic, "*");
      consumer.registerMessageListener(inbox);
      clients.start(consumer);
    }
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() -> {
          for (MessageQueue queue : clients.producer().fetchPublishMessageQueues(topic)) {
            clients.producer().send(message(topic, "m"), queue);
          }
          assertThat(first.messages()).isNotEmpty();
          assertThat(second.messages()).isNotEmpty();
        });
  }
}
