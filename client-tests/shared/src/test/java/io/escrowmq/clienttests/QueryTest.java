package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Finding messages again: by key, by id, by place and by time. */
final class QueryTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void byKey() throws Exception {
    String topic = clients.topic(2);
    clients.producer().send(new Message(topic, "", "order-1 customer-7", "first".getBytes(UTF_8)));
    clients.producer().send(new Message(topic, "", "order-2 customer-7", "second".getBytes(UTF_8)));
    clients.producer().send(new Message(topic, "", "order-3 customer-8", "third".getBytes(UTF_8)));

    assertThat(awaitByKey(topic, "customer-7", 2)).containsExactlyInAnyOrder("first", "second");
    assertThat(awaitByKey(topic, "order-3", 1)).containsExactly("third");
    assertThatThrownBy(() -> byKey(topic, "nobody")).hasMessageContaining("no message");
  }

  @Test
  void keysOfAnotherTopicAreNotFound() throws Exception {
    String topic = clients.topic(1);
    String other = clients.topic(1);
    clients.producer().send(new Message(other, "", "the-key", "other".getBytes(UTF_8)));
    clients.producer().send(new Message(topic, "", "the-key", "mine".getBytes(UTF_8)));

    assertThat(awaitByKey(topic, "the-key", 1)).containsExactly("mine");
  }

  private List<String> awaitByKey(String topic, String key, int count) {
    List<String> found = new ArrayList<>();
    await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptions()
        .until(() -> {
          found.clear();
          found.addAll(byKey(topic, key));
          return found.size() >= count;
        });
    return found;
  }

  private List<String> byKey(String topic, String key) throws Exception {
    return clients
        .producer()
        .queryMessage(topic, key, 32, 0, Long.MAX_VALUE)
        .getMessageList()
        .stream()
        .map(Inbox::body)
        .toList();
  }

  @Test
  void byUniqueId() throws Exception {
    String topic = clients.topic(1);
    clients.producer().send(message(topic, "other"));
    SendResult sent = clients.producer().send(message(topic, "wanted"));

    MessageExt found =
        await()
            .atMost(Inbox.PATIENCE)
            .ignoreExceptions()
            .until(
                () -> clients.producer().viewMessage(topic, sent.getMsgId()),
                message -> message != null);

    assertThat(Inbox.body(found)).isEqualTo("wanted");
    assertThat(found.getMsgId()).isEqualTo(sent.getMsgId());
    assertThat(found.getQueueOffset()).isEqualTo(sent.getQueueOffset());
  }

  @Test
  void byOffsetId() throws Exception {
    String topic = clients.topic(1);
    clients.producer().send(message(topic, "other"));
    SendResult sent = clients.producer().send(message(topic, "wanted"));

    MessageExt found = clients.producer().viewMessage(topic, sent.getOffsetMsgId());

    assertThat(Inbox.body(found)).isEqualTo("wanted");
    assertThat(found.getTopic()).isEqualTo(topic);
    assertThat(found.getQueueOffset()).isEqualTo(1);
  }

  @Test
  void aMessageSaysItsOwnOffsetId() throws Exception {
    String topic = clients.topic(1);
    SendResult sent = clients.producer().send(message(topic, "m"));

    MessageExt received = clients.inbox(topic).awaitOne();

    assertThat(clients.producer().viewMessage(topic, sent.getOffsetMsgId()).getCommitLogOffset())
        .isEqualTo(received.getCommitLogOffset());
  }

  @Test
  void boundsOfAQueue() throws Exception {
    String topic = clients.topic(2);
    DefaultMQProducer producer = clients.producer();
    List<MessageQueue> queues = producer.fetchPublishMessageQueues(topic);
    for (int i = 0; i < 5; i++) {
      producer.send(message(topic, "m" + i), queues.get(1));
    }

    assertThat(producer.minOffset(queues.get(0))).isZero();
    assertThat(producer.maxOffset(queues.get(0))).isZero();
    assertThat(producer.minOffset(queues.get(1))).isZero();
    assertThat(producer.maxOffset(queues.get(1))).isEqualTo(5);
  }

  @Test
  void byTime() throws Exception {
    String topic = clients.topic(1);
    DefaultMQProducer producer = clients.producer();
    MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(0);
    List<MessageExt> stored = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      stored.add(
          producer.viewMessage(
              topic, producer.send(message(topic, "m" + i), queue).getOffsetMsgId()));
      long before = stored.get(i).getStoreTimestamp();
      await().until(() -> storeTimeOfNewMessage() > before + 1);
    }

    for (int i = 0; i < 3; i++) {
      assertThat(producer.searchOffset(queue, stored.get(i).getStoreTimestamp())).isEqualTo(i);
    }
    assertThat(producer.searchOffset(queue, 0)).isZero();
    assertThat(producer.earliestMsgStoreTime(queue)).isEqualTo(stored.get(0).getStoreTimestamp());
  }

  /** The server's clock, as seen on a message in some other topic. */
  private long storeTimeOfNewMessage() throws Exception {
    String topic = clients.topic(1);
    SendResult sent = clients.producer().send(message(topic, "clock"));
    return clients.producer().viewMessage(topic, sent.getOffsetMsgId()).getStoreTimestamp();
  }
}
