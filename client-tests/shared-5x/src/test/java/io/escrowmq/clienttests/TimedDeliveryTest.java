package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.util.List;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Messages that appear at any time the sender likes, and can be recalled until then: only the 5.x
 * client can ask for it.
 */
final class TimedDeliveryTest {
  private static final Clock CLOCK = Clock.systemUTC();

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void afterADelayInMillisecondsOrSeconds() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = clients.inbox(topic);
    Message late = message(topic, "late");
    late.setDelayTimeSec(6);
    Message early = message(topic, "early");
    early.setDelayTimeMs(2_500);

    clients.producer().send(late);
    clients.producer().send(early);
    clients.producer().send(message(topic, "now"));

    List<MessageExt> messages = inbox.awaitAtLeast(3);
    assertThat(inbox.bodies()).containsExactly("now", "early", "late");
    assertNotBefore(messages.get(1), messages.get(1).getBornTimestamp() + 2_500);
    assertNotBefore(messages.get(2), messages.get(2).getBornTimestamp() + 6_000);
  }

  @Test
  void atAPointInTime() throws Exception {
    String topic = clients.topic(1);
    long deliverAt = CLOCK.millis() + 3_000;
    Message message = message(topic, "on time");
    message.setDeliverTimeMs(deliverAt);

    clients.producer().send(message);

    MessageExt received = clients.inbox(topic).awaitOne();
    assertThat(Inbox.body(received)).isEqualTo("on time");
    assertNotBefore(received, deliverAt);
  }

  @Test
  void aPointInTimeThatIsOverMeansNow() throws Exception {
    String topic = clients.topic(1);
    Message message = message(topic, "over");
    message.setDeliverTimeMs(CLOCK.millis() - 10_000);

    clients.producer().send(message);

    assertThat(Inbox.body(clients.inbox(topic).awaitOne())).isEqualTo("over");
  }

  @Test
  void aRecalledMessageNeverAppears() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = clients.inbox(topic);
    Message recalled = message(topic, "recalled");
    recalled.setDelayTimeSec(8);
    SendResult sent = clients.producer().send(recalled);
    Message marker = message(topic, "marker");
    marker.setDelayTimeSec(10);
    clients.producer().send(marker);

    String id = clients.producer().recallMessage(topic, sent.getRecallHandle());

    assertThat(id).isEqualTo(sent.getMsgId());
    assertThat(Inbox.body(inbox.awaitOne())).isEqualTo("marker");
  }

  @Test
  void aRecallHandleThatMakesNoSenseIsRefused() throws Exception {
    String topic = clients.topic(1);

    assertThatThrownBy(() -> clients.producer().recallMessage(topic, "nonsense"))
        .hasMessageContaining("recall");
  }

  private static void assertNotBefore(MessageExt message, long timeMs) {
    // Timers on the wire are whole seconds in the reference server; none may be early by more than
    // one of its ticks.
    assertThat(message.getStoreTimestamp())
        .as("visible, ms")
        .isGreaterThanOrEqualTo(timeMs - 1_000);
  }
}
