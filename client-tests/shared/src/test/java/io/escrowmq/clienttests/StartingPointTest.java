package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where a new group begins in a queue whose head the retention has deleted. */
@Tag("escrowmq-only")
final class StartingPointTest {
  private static final int QUERY_CONSUMER_OFFSET = 14;
  private static final long SEED = 20_261_123;
  private static final String[] FORGETFUL = {
    "--escrowmq.storage.retention.max-age=1s",
    "--escrowmq.storage.commitlog.segment-bytes=64KB",
    "--escrowmq.storage.commitlog.retention-interval-ms=200",
    "--escrowmq.storage.rocksdb.retention-interval-ms=200",
    "--escrowmq.storage.jdbc.bucket-bytes=64KB",
    "--escrowmq.storage.jdbc.retention-interval-ms=200"
  };

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.own(FORGETFUL);

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void ofAQueueWithoutItsHead() throws Exception {
    DefaultMQProducer producer = clients.producer();
    MessageQueue queue = trimmed(clients.topic(1));
    // With the usual retention from here on: what follows stays.
    SERVER.stopAndStartWith();
    long begin = producer.minOffset(queue);
    assertThat(begin).as("first offset that is left").isPositive();
    long left = producer.maxOffset(queue) - begin;
    producer.send(message(queue.getTopic(), "early"), queue);
    Instant between = nextSecond();
    producer.send(message(queue.getTopic(), "late"), queue);

    Inbox first = start(queue, ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET, between);
    Inbox time = start(queue, ConsumeFromWhere.CONSUME_FROM_TIMESTAMP, between);
    String group = clients.name("group");
    Inbox last = start(group, queue, ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET, between);
    awaitBegun(group, queue, producer.maxOffset(queue));
    producer.send(message(queue.getTopic(), "last"), queue);

    assertThat(first.awaitAtLeast((int) left + 3))
        .extracting(it -> it.getQueueOffset())
        .contains(begin)
        .hasSize((int) left + 3)
        .doesNotHaveDuplicates();
    time.awaitExactly(List.of("late", "last"));
    last.awaitExactly(List.of("last"));
  }

  /** Sends until the retention has deleted the first of it. */
  private MessageQueue trimmed(String topic) throws Exception {
    DefaultMQProducer producer = clients.producer();
    MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(0);
    byte[] body = new byte[3_000];
    new Random(SEED).nextBytes(body);
    // Pauses, because an engine deletes what lies together when the last of it is old.
    await()
        .atMost(Inbox.PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2_500))
        .until(() -> {
          if (producer.minOffset(queue) > 0) {
            return true;
          }
          for (int i = 0; i < 50; i++) {
            producer.send(new Message(topic, body), queue);
          }
          return false;
        });
    return queue;
  }

  private Inbox start(MessageQueue queue, ConsumeFromWhere where, Instant time)
      throws MQClientException {
    return start(clients.name("group"), queue, where, time);
  }

  private Inbox start(String group, MessageQueue queue, ConsumeFromWhere where, Instant time)
      throws MQClientException {
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.setPersistConsumerOffsetInterval(500);
    consumer.setConsumeFromWhere(where);
    consumer.setConsumeTimestamp(
        DateTimeFormatter.ofPattern("yyyyMMddHHmmss")
            .withZone(ZoneId.systemDefault())
            .format(time));
    consumer.subscribe(queue.getTopic(), "*");
    consumer.registerMessageListener(inbox);
    clients.start(consumer);
    return inbox;
  }

  /** Waits until the server has heard from the group that it stands at this offset. */
  private void awaitBegun(String group, MessageQueue queue, long offset) throws Exception {
    Remoting broker = Remoting.toBrokerOf(queue.getTopic(), clients.producer());
    Map<String, String> question =
        Map.of("consumerGroup", group, "topic", queue.getTopic(), "queueId", "0");
    await()
        .atMost(Inbox.PATIENCE)
        .until(() -> {
          Map<String, String> answer = broker.call(QUERY_CONSUMER_OFFSET, question).getExtFields();
          return answer != null && Long.toString(offset).equals(answer.get("offset"));
        });
  }

  /** The client's clock knows seconds here: the first one after everything so far. */
  private static Instant nextSecond() {
    long next = Instant.now().getEpochSecond() + 1;
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(() -> Instant.now().getEpochSecond() >= next);
    return Instant.ofEpochSecond(next);
  }
}
