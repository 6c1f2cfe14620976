package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.exception.RequestTimeoutException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A producer that waits for an answer to its message. */
final class RequestReplyTest {
  private static final long TIMEOUT_MS = 30_000;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void theAnswerComesBackToTheRequester() throws Exception {
    String topic = clients.topic(1);
    DefaultMQProducer replier = clients.start(new DefaultMQProducer(clients.name("repliers")));
    startReplying(clients, topic, replier);

    for (String question : List.of("one", "two", "three")) {
      Message answer = clients.producer().request(message(topic, question), TIMEOUT_MS);

      assertThat(new String(answer.getBody(), UTF_8)).isEqualTo("answer to " + question);
    }
  }

  /** A consumer that answers every question in the topic. */
  static void startReplying(TestClients clients, String topic, DefaultMQProducer replier)
      throws MQClientException {
    DefaultMQPushConsumer consumer = clients.pushConsumer(clients.name("group"));
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              messages.forEach(message -> reply(replier, message));
              return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    clients.start(consumer);
  }

  private static void reply(DefaultMQProducer replier, MessageExt question) {
    try {
      replier.send(
          MessageUtil.createReplyMessage(
              question, ("answer to " + Inbox.body(question)).getBytes(UTF_8)));
    } catch (Exception e) {
      throw new IllegalStateException("cannot reply to " + question, e);
    }
  }

  @Test
  void aRequestWithoutAnAnswerEndsWithItsTime() throws Exception {
    String topic = clients.topic(1);

    assertThatThrownBy(() -> clients.producer().request(message(topic, "anybody?"), 2_000))
        .isInstanceOf(RequestTimeoutException.class);
  }
}
