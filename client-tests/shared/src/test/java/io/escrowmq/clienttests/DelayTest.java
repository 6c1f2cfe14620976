package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages that appear later: the fixed levels, which both lines of the client know. */
final class DelayTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void levelsOneAndTwoAreOneAndFiveSeconds() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = clients.inbox(topic);
    Message five = delayed(topic, "five", 2);
    Message one = delayed(topic, "one", 1);

    SendResult now = clients.producer().send(message(topic, "now"));
    SendResult result = clients.producer().send(five);
    clients.producer().send(one);

    assertThat(now.getQueueOffset()).isZero();
    assertThat(result.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
    List<MessageExt> messages = inbox.awaitAtLeast(3);
    // The listener's threads may swap messages that were pulled together.
    assertThat(inbox.bodies()).containsExactlyInAnyOrder("now", "one", "five");
    assertThat(messages)
        .extracting(MessageExt::getQueueOffset)
        .containsExactlyInAnyOrder(0L, 1L, 2L);
    for (MessageExt delayed : messages) {
      if (delayed.getQueueOffset() == 0) {
        continue;
      }
      boolean longer = Inbox.body(delayed).equals("five");
      assertDelayed(delayed, longer ? 5_000 : 1_000);
      assertThat(delayed.getMsgId().equals(result.getMsgId())).isEqualTo(longer);
    }
  }

  @Test
  void aDelayedMessageKeepsEverything() throws Exception {
    String topic = clients.topic(3);
    Message message = new Message(topic, "the-tag", "the-key", new byte[] {1, 2, 3});
    message.putUserProperty("mine", "stays");
    message.setDelayTimeLevel(1);

    clients.producer().send(message, (queues, m, key) -> queues.get(2), null);

    MessageExt received = clients.inbox(topic, "the-tag").awaitOne();
    assertThat(received.getBody()).containsExactly(1, 2, 3);
    assertThat(received.getTopic()).isEqualTo(topic);
    assertThat(received.getQueueId()).isEqualTo(2);
    assertThat(received.getKeys()).isEqualTo("the-key");
    assertThat(received.getProperty("mine")).isEqualTo("stays");
  }

  private static Message delayed(String topic, String body, int level) {
    Message message = message(topic, body);
    message.setDelayTimeLevel(level);
    return message;
  }

  /**
   * Not before its time, by the server's clock when it became visible; how long after is the
   * machine's affair.
   */
  static void assertDelayed(MessageExt message, long delayMs) {
    assertThat(message.getStoreTimestamp() - message.getBornTimestamp())
        .as("ms between birth and visibility of %s", Inbox.body(message))
        .isGreaterThanOrEqualTo(delayMs);
  }
}
