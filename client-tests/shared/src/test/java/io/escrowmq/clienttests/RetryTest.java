package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages that a consumer cannot digest: tried again later, and set aside in the end. */
final class RetryTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void aFailedMessageComesAgainAndThenSucceeds() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(clients.name("group"));
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              context.setDelayLevelWhenNextConsume(1);
              messages.forEach(inbox::add);
              return messages.get(0).getReconsumeTimes() < 2
                  ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                  : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    clients.start(consumer);
    Message message = new Message(topic, "the-tag", "the-key", "poison".getBytes(UTF_8));
    message.putUserProperty("mine", "stays");

    SendResult sent = clients.producer().send(message);

    List<MessageExt> deliveries = inbox.awaitAtLeast(3);
    assertThat(deliveries).extracting(MessageExt::getReconsumeTimes).containsExactly(0, 1, 2);
    assertThat(deliveries)
        .allSatisfy(delivery -> {
          assertThat(delivery.getTopic()).isEqualTo(topic);
          assertThat(Inbox.body(delivery)).isEqualTo("poison");
          assertThat(delivery.getMsgId()).isEqualTo(sent.getMsgId());
          assertThat(delivery.getTags()).isEqualTo("the-tag");
          assertThat(delivery.getKeys()).isEqualTo("the-key");
          assertThat(delivery.getProperty("mine")).isEqualTo("stays");
        });
  }

  @Test
  void aMessageThatKeepsFailingEndsInTheDeadLetterTopicOfItsGroup() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("group");
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.setMaxReconsumeTimes(1);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              context.setDelayLevelWhenNextConsume(1);
              messages.forEach(inbox::add);
              return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            });
    clients.start(consumer);

    SendResult sent = clients.producer().send(message(topic, "poison"));

    MessageExt dead = awaitDeadLetter(group);
    assertThat(inbox.messages()).hasSize(2);
    assertThat(Inbox.body(dead)).isEqualTo("poison");
    assertThat(dead.getProperty("RETRY_TOPIC")).isEqualTo(topic);
    assertThat(dead.getMsgId()).isEqualTo(sent.getMsgId());
  }

  @Test
  void anOrderlyMessageThatKeepsFailingEndsInTheDeadLetterTopicAndTheQueueGoesOn()
      throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("group");
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.setMaxReconsumeTimes(2);
    consumer.setSuspendCurrentQueueTimeMillis(100);
    consumer.subscribe(topic, "*");
    consumer.setConsumeMessageBatchMaxSize(1);
    consumer.registerMessageListener(
        (MessageListenerOrderly)
            (messages, context) -> {
              messages.forEach(inbox::add);
              return Inbox.body(messages.get(0)).equals("poison")
                  ? ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT
                  : ConsumeOrderlyStatus.SUCCESS;
            });
    clients.start(consumer);

    clients.producer().send(message(topic, "poison"));
    clients.producer().send(message(topic, "good"));

    await().atMost(Inbox.PATIENCE).untilAsserted(() -> assertThat(inbox.bodies()).contains("good"));
    assertThat(inbox.bodies()).containsExactly("poison", "poison", "poison", "good");
    assertThat(Inbox.body(awaitDeadLetter(group))).isEqualTo("poison");
  }

  private MessageExt awaitDeadLetter(String group) throws Exception {
    DefaultMQPullConsumer reader = clients.start(new DefaultMQPullConsumer(clients.name("reader")));
    MessageQueue[] queue = new MessageQueue[1];
    await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptions()
        .until(() -> {
          queue[0] = reader.fetchSubscribeMessageQueues("%DLQ%" + group).iterator().next();
          return reader.maxOffset(queue[0]) == 1;
        });
    return reader.pull(queue[0], "*", 0, 32).getMsgFoundList().get(0);
  }
}
