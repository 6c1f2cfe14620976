package io.escrowmq.clienttests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Everything that a producer can do with a message at once: the answers it gets, and what arrives.
 */
final class SendTest {
  private static final int MAX_BODY_BYTES = 4 * 1024 * 1024;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void syncSendsToOneQueueGetDenseOffsetsAndDistinctIds() throws Exception {
    String topic = clients.topic(2);
    MessageQueue queue = clients.producer().fetchPublishMessageQueues(topic).get(1);

    List<SendResult> results = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      results.add(clients.producer().send(message(topic, "m" + i), queue));
    }

    assertThat(results)
        .allSatisfy(result -> assertThat(result.getSendStatus()).isEqualTo(SendStatus.SEND_OK));
    assertThat(results).allSatisfy(result -> assertThat(result.getMessageQueue()).isEqualTo(queue));
    assertThat(results.stream().map(SendResult::getQueueOffset))
        .containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(i -> (long) i).toList());
    assertThat(results.stream().map(SendResult::getMsgId)).doesNotHaveDuplicates();
    assertThat(results.stream().map(SendResult::getOffsetMsgId))
        .doesNotHaveDuplicates()
        .allMatch(id -> id.length() == 32);
    clients.inbox(topic).awaitExactly(numbered("m", 20));
  }

  @Test
  void sendsSpreadOverAllQueues() throws Exception {
    String topic = clients.topic(4);

    List<Integer> queues = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      queues.add(clients.producer().send(message(topic, "m" + i)).getMessageQueue().getQueueId());
    }

    assertThat(queues).contains(0, 1, 2, 3);
    clients.inbox(topic).awaitExactly(numbered("m", 8));
  }

  @Test
  void asyncSendsAreAllAnswered() throws Exception {
    String topic = clients.topic(4);
    List<CompletableFuture<SendResult>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      CompletableFuture<SendResult> answer = new CompletableFuture<>();
      answers.add(answer);
      clients
          .producer()
          .send(
              message(topic, "m" + i),
              new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                  answer.complete(result);
                }

                @Override
                public void onException(Throwable e) {
                  answer.completeExceptionally(e);
                }
              });
    }

    for (CompletableFuture<SendResult> answer : answers) {
      assertThat(answer.get(30, TimeUnit.SECONDS).getSendStatus()).isEqualTo(SendStatus.SEND_OK);
    }
    clients.inbox(topic).awaitExactly(numbered("m", 200));
  }

  @Test
  void oneWaySendsArrive() throws Exception {
    String topic = clients.topic(4);

    for (int i = 0; i < 20; i++) {
      clients.producer().sendOneway(message(topic, "m" + i));
    }

    clients.inbox(topic).awaitExactly(numbered("m", 20));
  }

  @Test
  void aBatchArrivesWholeInOrderAndWithEveryProperty() throws Exception {
    String topic = clients.topic(1);
    List<Message> batch = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Message message = new Message(topic, "tag" + i % 3, "key" + i, ("m" + i).getBytes(UTF_8));
      message.putUserProperty("number", "" + i);
      batch.add(message);
    }

    SendResult result = clients.producer().send(batch);
    SendResult next = clients.producer().send(message(topic, "next"));

    assertThat(result.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
    assertThat(result.getMsgId().split(",")).hasSize(30).doesNotHaveDuplicates();
    assertThat(result.getQueueOffset()).isZero();
    assertThat(next.getQueueOffset()).isEqualTo(30);
    Inbox inbox = clients.inbox(topic, "tag1");
    List<String> numbers =
        IntStream.range(0, 30).filter(i -> i % 3 == 1).mapToObj(i -> "m" + i).toList();
    inbox.awaitExactly(numbers);
    assertThat(inbox.messages())
        .allSatisfy(message -> {
          assertThat("m" + message.getProperty("number")).isEqualTo(Inbox.body(message));
          assertThat(message.getKeys()).isEqualTo("key" + message.getProperty("number"));
          assertThat(message.getQueueOffset())
              .isEqualTo(Long.parseLong(message.getProperty("number")));
        });
  }

  @Test
  void theQueueSelectorDecides() throws Exception {
    String topic = clients.topic(4);

    for (int i = 0; i < 12; i++) {
      SendResult result =
          clients
              .producer()
              .send(
                  message(topic, "m" + i),
                  (queues, message, key) -> queues.get((Integer) key % queues.size()),
                  i);
      assertThat(result.getMessageQueue().getQueueId()).isEqualTo(i % 4);
      assertThat(result.getQueueOffset()).isEqualTo(i / 4);
    }

    clients.inbox(topic).awaitExactly(numbered("m", 12));
  }

  @Test
  void propertiesBodyKeysAndTagsComeBackByteForByte() throws Exception {
    String topic = clients.topic(1);
    byte[] body = new byte[1000];
    IntStream.range(0, body.length).forEach(i -> body[i] = (byte) i);
    Map<String, String> properties = new TreeMap<>();
    properties.put("plain", "value");
    properties.put("blanks", "  two  blanks  ");
    properties.put("umlauts-äöü", "grüße, 你好, \uD83D\uDCB0");
    properties.put("punctuation", "a=b;c:d,e|f\"g'h\\i\tj\nk");
    properties.put("long", "x".repeat(10_000));
    Message message = new Message(topic, "the-tag", "key-1 key-2", body);
    message.setFlag(12_345);
    properties.forEach(message::putUserProperty);

    SendResult result = clients.producer().send(message);

    MessageExt received = clients.inbox(topic).awaitOne();
    assertThat(received.getBody()).isEqualTo(body);
    assertThat(received.getTopic()).isEqualTo(topic);
    assertThat(received.getTags()).isEqualTo("the-tag");
    assertThat(received.getKeys()).isEqualTo("key-1 key-2");
    assertThat(received.getFlag()).isEqualTo(12_345);
    assertThat(received.getProperties()).containsAllEntriesOf(properties);
    assertThat(received.getMsgId()).isEqualTo(result.getMsgId());
    assertThat(received.getReconsumeTimes()).isZero();
    assertThat(received.getBornTimestamp())
        .isPositive()
        .isLessThanOrEqualTo(received.getStoreTimestamp() + 1_000);
  }

  @Test
  void aCompressedBodyComesBackAsItWas() throws Exception {
    String topic = clients.topic(1);
    String body = "compress me, ".repeat(10_000);

    clients.producer().send(message(topic, body));

    MessageExt received = clients.inbox(topic).awaitOne();
    assertThat(Inbox.body(received)).isEqualTo(body);
    assertThat(received.getStoreSize()).as("bytes on the server").isLessThan(body.length() / 2);
  }

  @Test
  void aBodyOfTheGreatestSizeIsTaken() throws Exception {
    String topic = clients.topic(1);
    byte[] body = incompressible(MAX_BODY_BYTES);

    DefaultMQProducer plain = new DefaultMQProducer(clients.name("producers"));
    plain.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
    clients.start(plain);

    plain.send(new Message(topic, body));

    assertThat(clients.inbox(topic).awaitOne().getBody()).isEqualTo(body);
  }

  @Test
  void aGreaterBodyIsRefusedWithAReasonAndTheConnectionGoesOn() throws Exception {
    String topic = clients.topic(1);
    DefaultMQProducer careless = new DefaultMQProducer(clients.name("producers"));
    careless.setMaxMessageSize(2 * MAX_BODY_BYTES);
    careless.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
    clients.start(careless);

    assertThatThrownBy(() -> careless.send(new Message(topic, incompressible(MAX_BODY_BYTES + 1))))
        .isInstanceOfSatisfying(
            MQBrokerException.class,
            e -> {
              assertThat(e.getResponseCode()).as("MESSAGE_ILLEGAL").isEqualTo(13);
              assertThat(e.getErrorMessage()).isNotBlank();
            });
    assertThat(careless.send(message(topic, "small")).getQueueOffset()).isZero();
  }

  @Test
  void aTopicThatDoesNotExistIsMadeByTheFirstSend() throws Exception {
    String topic = clients.name("auto-created");

    SendResult result = clients.producer().send(message(topic, "first"));

    assertThat(result.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
    assertThat(Inbox.body(clients.inbox(topic).awaitOne())).isEqualTo("first");
    assertThat(clients.producer().fetchPublishMessageQueues(topic)).hasSize(4);
  }

  @Test
  void aTopicNameThatIsNotAllowedIsRefused() {
    assertThatThrownBy(() -> clients.producer().send(message("no blanks allowed", "m")))
        .isInstanceOf(MQClientException.class)
        .hasMessageContaining("no blanks allowed");
  }

  @Test
  void aConsumerThatWaitsForATopicFindsItWhenItAppears() throws Exception {
    String topic = clients.name("later");
    Inbox inbox = clients.inbox(topic);

    clients.producer().send(message(topic, "first"));

    assertThat(Inbox.body(inbox.awaitOne())).isEqualTo("first");
  }

  private static byte[] incompressible(int size) {
    byte[] body = new byte[size];
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < size; i++) {
      body[i] = (byte) random.nextInt();
    }
    return body;
  }

  static Message message(String topic, String body) {
    return new Message(topic, body.getBytes(UTF_8));
  }

  static List<String> numbered(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }
}
