package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static io.escrowmq.clienttests.SendTest.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What was acknowledged before SIGKILL is there after it, and what was not decided is still not
 * visible.
 */
@Tag("escrowmq-only")
@Execution(ExecutionMode.SAME_THREAD)
final class CrashTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.own();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void everythingAcknowledgedIsDeliveredAfterAKill() throws Exception {
    String topic = clients.topic(4);
    DefaultMQProducer producer = clients.producer();
    List<HalfMessage> undecided = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      assertThat(producer.send(message(topic, "plain" + i)).getSendStatus())
          .isEqualTo(SendStatus.SEND_OK);
      Message delayed = message(topic, "delayed" + i);
      delayed.setDelayTimeLevel(2);
      assertThat(producer.send(delayed).getSendStatus()).isEqualTo(SendStatus.SEND_OK);
      assertThat(
              HalfMessage.send(producer, message(topic, "committed" + i))
                  .end(Remoting.COMMIT)
                  .getCode())
          .isZero();
      assertThat(
              HalfMessage.send(producer, message(topic, "rolled back" + i))
                  .end(Remoting.ROLLBACK)
                  .getCode())
          .isZero();
      undecided.add(HalfMessage.send(producer, message(topic, "undecided" + i)));
    }

    SERVER.kill();
    SERVER.restart();

    List<String> expected = new ArrayList<>(numbered("plain", 50));
    expected.addAll(numbered("delayed", 50));
    expected.addAll(numbered("committed", 50));
    Inbox inbox = clients.inbox(topic);
    inbox.awaitExactly(expected);

    // The undecided ones are still open, and can be decided by their old handles.
    for (HalfMessage half : undecided) {
      assertThat(awaitEnd(half)).isZero();
    }
    expected.addAll(numbered("undecided", 50));
    inbox.awaitExactly(expected);
    assertDense(inbox.messages());
  }

  private static int awaitEnd(HalfMessage half) {
    return await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptions()
        .until(() -> half.end(Remoting.COMMIT).getCode(), code -> true);
  }

  @Test
  void decisionsAreRememberedAfterAKill() throws Exception {
    String topic = clients.topic(1);
    HalfMessage committed = HalfMessage.send(clients.producer(), message(topic, "committed"));
    HalfMessage rolledBack = HalfMessage.send(clients.producer(), message(topic, "rolled back"));
    assertThat(committed.end(Remoting.COMMIT).getCode()).isZero();
    assertThat(rolledBack.end(Remoting.ROLLBACK).getCode()).isZero();

    SERVER.kill();
    SERVER.restart();

    assertThat(awaitEnd(committed)).isZero();
    assertThat(committed.end(Remoting.ROLLBACK).getCode()).isNotZero();
    assertThat(rolledBack.end(Remoting.COMMIT).getCode()).isNotZero();
    assertThat(rolledBack.end(Remoting.ROLLBACK).getCode()).isZero();
    assertThat(Inbox.body(clients.inbox(topic).awaitOne())).isEqualTo("committed");
  }

  @Test
  void aKillUnderLoadLosesNothingAcknowledgedAndClientsComeBackByThemselves() throws Exception {
    String topic = clients.topic(4);
    Inbox inbox = clients.inbox(topic);
    ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
    CountDownLatch stop = new CountDownLatch(1);
    List<Thread> senders = new ArrayList<>();
    for (int sender = 0; sender < 4; sender++) {
      String prefix = "s" + sender + "-";
      Thread thread = new Thread(() -> sendUntil(stop, topic, prefix, acknowledged));
      senders.add(thread);
      thread.start();
    }
    for (int kill = 0; kill < 3; kill++) {
      int before = acknowledged.size();
      await().atMost(Inbox.PATIENCE).until(() -> acknowledged.size() > before + 200);
      SERVER.kill();
      SERVER.restart();
    }
    int before = acknowledged.size();
    await().atMost(Inbox.PATIENCE).until(() -> acknowledged.size() > before + 200);
    stop.countDown();
    for (Thread sender : senders) {
      sender.join();
    }

    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() -> assertThat(inbox.bodies()).containsAll(acknowledged));
  }

  private void sendUntil(
      CountDownLatch stop,
      String topic,
      String prefix,
      ConcurrentLinkedQueue<String> acknowledged) {
    for (int i = 0; stop.getCount() > 0; i++) {
      try {
        if (clients.producer().send(message(topic, prefix + i), 2_000).getSendStatus()
            == SendStatus.SEND_OK) {
          acknowledged.add(prefix + i);
        }
      } catch (Exception e) {
        // The server is dead at the moment: this message is not acknowledged, and the next one is
        // tried a little later.
        pause(stop);
      }
    }
  }

  private static void pause(CountDownLatch stop) {
    try {
      stop.await(50, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aConsumerGoesOnFromItsCommittedOffset() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("group");
    for (int i = 0; i < 10; i++) {
      clients.producer().send(message(topic, "m" + i));
    }
    Inbox before = new Inbox();
    DefaultMQPushConsumer first = clients.pushConsumer(group);
    first.subscribe(topic, "*");
    first.registerMessageListener(before);
    clients.start(first);
    before.awaitExactly(numbered("m", 10));
    first.shutdown();
    // The client commits without waiting for an answer. This commit is answered, so it survives.
    Map<String, ?> place = Map.of("consumerGroup", group, "topic", topic, "queueId", 0);
    Remoting remoting = Remoting.toBrokerOf(topic, clients.producer());
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() ->
            assertThat(
                    remoting
                        .call(Remoting.GET_CONSUMER_LIST, Map.of("consumerGroup", group))
                        .getBody())
                .as("members of a group that everybody left")
                .isNull());
    Map<String, Object> commit = new HashMap<>(place);
    commit.put("commitOffset", 10);
    assertThat(remoting.call(Remoting.UPDATE_CONSUMER_OFFSET, commit).getCode()).isZero();

    SERVER.kill();
    SERVER.restart();

    await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptions()
        .until(() ->
            clients.producer().send(message(topic, "new")).getSendStatus() == SendStatus.SEND_OK);
    assertThat(remoting.call(Remoting.QUERY_CONSUMER_OFFSET, place).getExtFields())
        .containsEntry("offset", "10");
    Inbox after = new Inbox();
    DefaultMQPushConsumer second = clients.pushConsumer(group);
    second.subscribe(topic, "*");
    second.registerMessageListener(after);
    clients.start(second);
    assertThat(Inbox.body(after.awaitAtLeast(1).get(0))).isEqualTo("new");
  }

  private static void assertDense(List<MessageExt> messages) {
    for (int queue = 0; queue < 4; queue++) {
      int id = queue;
      List<Long> offsets =
          messages.stream()
              .filter(m -> m.getQueueId() == id)
              .map(MessageExt::getQueueOffset)
              .sorted()
              .toList();
      for (int i = 0; i < offsets.size(); i++) {
        assertThat(offsets.get(i)).as("offset %d of queue %d", i, id).isEqualTo(i);
      }
    }
  }
}
