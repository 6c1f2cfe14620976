package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static io.escrowmq.clienttests.SendTest.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The 5.x client in POP mode: the server hands messages out, and each is acknowledged. */
final class PopTest {
  private static final long MINUTE = 60_000;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  /** A push consumer that lets the server decide what it gets, and how. */
  private DefaultMQPushConsumer consumer(String group, String topic, String tags, Inbox inbox)
      throws Exception {
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.setClientRebalance(false);
    consumer.subscribe(topic, tags);
    consumer.registerMessageListener(inbox);
    return clients.start(consumer);
  }

  private static boolean pops(DefaultMQPushConsumer consumer) {
    return !consumer
        .getDefaultMQPushConsumerImpl()
        .getRebalanceImpl()
        .getPopProcessQueueTable()
        .isEmpty();
  }

  private void awaitProgress(String group, String topic, int messages) {
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() -> {
          long committed = 0;
          for (MessageQueue queue : clients.producer().fetchPublishMessageQueues(topic)) {
            RemotingCommand answer =
                Remoting.toBrokerOf(topic, clients.producer())
                    .call(
                        Remoting.QUERY_CONSUMER_OFFSET,
                        Map.of(
                            "consumerGroup", group,
                            "topic", topic,
                            "queueId", queue.getQueueId()));
            committed += Long.parseLong(answer.getExtFields().get("offset"));
          }
          assertThat(committed).isEqualTo(messages);
        });
  }

  @Test
  void membersShareEveryQueueAndEachMessageComesOnce() throws Exception {
    String topic = clients.topic(4);
    String group = clients.name("pop");
    RawPop.of(clients.producer(), group, topic).inPopMode(16);
    Collection<String> once = new ConcurrentLinkedQueue<>();
    List<DefaultMQPushConsumer> members = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      DefaultMQPushConsumer consumer = clients.pushConsumer(group);
      consumer.setClientRebalance(false);
      consumer.subscribe(topic, "*");
      consumer.registerMessageListener(
          (MessageListenerConcurrently)
              (messages, context) -> {
                messages.forEach(message -> once.add(Inbox.body(message)));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
              });
      members.add(clients.start(consumer));
    }
    await().atMost(Inbox.PATIENCE).until(() -> members.stream().allMatch(PopTest::pops));
    List<String> expected = numbered("m", 200);
    for (String body : expected) {
      clients.producer().send(message(topic, body));
    }
    awaitProgress(group, topic, 200);
    assertThat(once).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void tagsAreFilteredByTheServer() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("pop");
    RawPop.of(clients.producer(), group, topic).inPopMode(16);
    Inbox inbox = new Inbox();
    consumer(group, topic, "red || green", inbox);
    for (String tag : List.of("red", "blue", "green", "blue", "red")) {
      Message message = message(topic, tag);
      message.setTags(tag);
      clients.producer().send(message);
    }
    inbox.awaitExactly(List.of("red", "green", "red"));
    awaitProgress(group, topic, 5);
  }

  @Test
  void whatAMemberCouldNotHandleComesAgain() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("pop");
    RawPop.of(clients.producer(), group, topic).inPopMode(16);
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.setClientRebalance(false);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              messages.forEach(inbox::add);
              if (messages.get(0).getReconsumeTimes() == 0) {
                throw new IllegalStateException("the first attempt fails");
              }
              return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    clients.start(consumer);
    clients.producer().send(message(topic, "hard"));
    List<MessageExt> deliveries = inbox.awaitAtLeast(2);
    assertThat(deliveries).extracting(MessageExt::getReconsumeTimes).containsExactly(0, 1);
    assertThat(deliveries).extracting(MessageExt::getTopic).containsOnly(topic);
    assertThat(deliveries.get(1).getMsgId()).isEqualTo(deliveries.get(0).getMsgId());
    awaitProgress(group, topic, 1);
  }

  @Test
  void whatADeadMemberHadGoesToTheOthers() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("pop");
    RawPop dead = RawPop.of(clients.producer(), group, topic).inPopMode(16);
    List<String> expected = numbered("m", 10);
    for (String body : expected) {
      clients.producer().send(message(topic, body));
    }
    assertThat(dead.pop(32, 3_000, 0)).hasSize(10);
    Inbox inbox = new Inbox();
    consumer(group, topic, "*", inbox);
    inbox.awaitExactly(expected);
    assertThat(inbox.messages()).extracting(MessageExt::getReconsumeTimes).containsOnly(1);
    awaitProgress(group, topic, 10);
  }

  @Test
  void handlesOfOlderDeliveriesAreRefused() throws Exception {
    String topic = clients.topic(1);
    RawPop member = RawPop.of(clients.producer(), clients.name("pop"), topic).inPopMode(16);
    clients.producer().send(message(topic, "a"));
    MessageExt first = member.pop(1, 1_000, 0).get(0);
    MessageExt second = member.pop(1, MINUTE, 10_000).get(0);
    assertThat(second.getReconsumeTimes()).isEqualTo(1);
    assertThat(member.ack(first)).isFalse();
    assertThat(member.change(first, 1)).isFalse();
    assertThat(member.change(second, 500)).isTrue();
    MessageExt third = member.pop(1, MINUTE, 10_000).get(0);
    assertThat(third.getReconsumeTimes()).isEqualTo(2);
    assertThat(member.ack(second)).isFalse();
    assertThat(member.ack(third)).isTrue();
    assertThat(member.ack(third)).isTrue();
  }

  @Test
  void severalAreAcknowledgedTogether() throws Exception {
    String topic = clients.topic(3);
    String group = clients.name("pop");
    RawPop member = RawPop.of(clients.producer(), group, topic).inPopMode(16);
    for (String body : numbered("m", 9)) {
      clients.producer().send(message(topic, body));
    }
    List<MessageExt> got = member.pop(32, MINUTE, 0);
    assertThat(got).hasSize(9);
    assertThat(member.ackTogether(got)).isTrue();
    awaitProgress(group, topic, 9);
  }

  @Test
  void inOrderOneBatchAtATime() throws Exception {
    String topic = clients.topic(1);
    RawPop member = RawPop.of(clients.producer(), clients.name("pop"), topic).inPopMode(16);
    for (String body : numbered("m", 4)) {
      clients.producer().send(message(topic, body));
    }
    List<MessageExt> first = member.popInOrder(2, MINUTE, "one");
    assertThat(first).extracting(Inbox::body).containsExactly("m0", "m1");
    assertThat(member.popInOrder(2, MINUTE, "two")).isEmpty();
    // Long enough for the acknowledgement, on a machine that does other things too.
    List<MessageExt> same = member.popInOrder(2, 10_000, "one");
    assertThat(same).extracting(Inbox::body).containsExactly("m0", "m1");
    assertThat(member.ack(same.get(0))).isTrue();
    List<MessageExt> next =
        await()
            .atMost(Inbox.PATIENCE)
            .until(() -> member.popInOrder(2, MINUTE, "three"), got -> !got.isEmpty());
    assertThat(next).extracting(Inbox::body).containsExactly("m1", "m2");
    assertThat(next).extracting(MessageExt::getReconsumeTimes).containsExactly(1, 0);
    assertThat(member.ackTogether(next)).isTrue();
    assertThat(member.popInOrder(9, MINUTE, "four")).extracting(Inbox::body).containsExactly("m3");
  }

  @Test
  void afterTheLastAttemptAMessageIsADeadLetter() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("pop");
    RawPop member = RawPop.of(clients.producer(), group, topic).inPopMode(1);
    clients.producer().send(message(topic, "poison"));
    assertThat(member.pop(1, 500, 0)).hasSize(1);
    assertThat(member.pop(1, 500, 10_000))
        .extracting(MessageExt::getReconsumeTimes)
        .containsExactly(1);
    DefaultMQPullConsumer reader = clients.start(new DefaultMQPullConsumer(clients.name("reader")));
    MessageExt letter =
        await()
            .atMost(Inbox.PATIENCE)
            .ignoreExceptions()
            .until(
                () -> {
                  MessageQueue queue =
                      reader.fetchSubscribeMessageQueues("%DLQ%" + group).iterator().next();
                  return reader.pull(queue, "*", 0, 32).getMsgFoundList().get(0);
                },
                it -> true);
    assertThat(Inbox.body(letter)).isEqualTo("poison");
    assertThat(letter.getProperty("DLQ_ORIGIN_TOPIC")).isEqualTo(topic);
    assertThat(member.pop(1, 500, 0)).isEmpty();
    awaitProgress(group, topic, 1);
  }

  @Test
  void aMemberThatAsksTheServerMayPullToo() throws Exception {
    String topic = clients.topic(3);
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = consumer(clients.name("pull"), topic, "*", inbox);
    List<String> expected = numbered("m", 9);
    for (String body : expected) {
      clients.producer().send(message(topic, body));
    }
    inbox.awaitExactly(expected);
    assertThat(pops(consumer)).isFalse();
  }
}
