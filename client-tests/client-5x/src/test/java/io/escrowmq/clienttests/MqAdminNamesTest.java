package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the official mqadmin says about one server with several broker names. */
@Tag("escrowmq-only")
final class MqAdminNamesTest {
  private static final String CLUSTER = "DefaultCluster";

  @RegisterExtension
  static final ServerFixture SERVER =
      ServerFixture.own("--escrowmq.cluster.more-broker-names=second");

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  private static MqAdmin admin;

  @BeforeAll
  static void start() {
    admin = new MqAdmin(SERVER.nameServer());
  }

  @AfterAll
  static void stop() {
    admin.close();
  }

  @Test
  void brokersAndRoutes() {
    List<String> brokers =
        admin.run("clusterList").lines().filter(line -> line.contains("127.0.0.1:")).toList();
    assertThat(brokers).hasSize(2);
    assertThat(brokers.get(0)).contains("escrowmq");
    assertThat(brokers.get(1)).contains("second");
    String topic = clients.name("spread");
    assertThat(admin.run("updateTopic", "-c", CLUSTER, "-t", topic, "-r", "3", "-w", "3"))
        .contains("success");
    assertThat(admin.run("topicRoute", "-t", topic))
        .containsPattern("\"brokerName\":\"escrowmq\"[^}]*\"writeQueueNums\":3")
        .containsPattern("\"brokerName\":\"second\"[^}]*\"writeQueueNums\":3");
    assertThat(admin.run("topicStatus", "-t", topic).lines().filter(it -> it.contains("second")))
        .hasSize(3);
    assertThat(admin.run("updateTopicPerm", "-c", CLUSTER, "-t", topic, "-p", "4"))
        .contains("success");
    assertThat(admin.run("topicRoute", "-t", topic))
        .contains("\"perm\":4")
        .doesNotContain("\"perm\":6")
        .containsPattern("\"brokerName\":\"second\"[^}]*\"writeQueueNums\":3");
  }

  @Test
  void progressOverAllNames() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("spread-group");
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    clients.start(consumer);
    for (MessageQueue queue : clients.producer().fetchPublishMessageQueues(topic)) {
      clients.producer().send(message(topic, queue.getBrokerName()), queue);
    }
    inbox.awaitExactly(List.of("escrowmq", "second"));
    awaitProgress(group, topic);
    assertThat(
            admin
                .run("consumerConnection", "-g", group)
                .lines()
                .filter(line -> line.contains("JAVA")))
        .hasSize(1);
  }

  @Test
  void membersPopFromAllNames() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("popping");
    admin.run("updateSubGroup", "-c", CLUSTER, "-g", group);
    assertThat(admin.run("setConsumeMode", "-c", CLUSTER, "-t", topic, "-g", group, "-m", "POP"))
        .contains("consume mode[POP]");
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.setClientRebalance(false);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              messages.forEach(inbox::add);
              // Each comes once more, ten seconds later: the client's first delay.
              return messages.get(0).getReconsumeTimes() == 0
                  ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                  : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    clients.start(consumer);
    await()
        .atMost(Inbox.PATIENCE)
        .until(() ->
            consumer
                    .getDefaultMQPushConsumerImpl()
                    .getRebalanceImpl()
                    .getPopProcessQueueTable()
                    .size()
                == 2);
    List<String> sent = new ArrayList<>();
    for (MessageQueue queue : clients.producer().fetchPublishMessageQueues(topic)) {
      String body = queue.getBrokerName() + " " + queue.getQueueId();
      clients.producer().send(message(topic, body), queue);
      sent.add(body);
    }
    assertThat(sent).hasSize(4);
    sent.addAll(List.copyOf(sent));
    inbox.awaitExactly(sent);
    for (MessageExt message : inbox.messages()) {
      assertThat(message.getBrokerName() + " " + message.getQueueId())
          .isEqualTo(Inbox.body(message));
    }
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() ->
            assertThat(
                    admin
                        .run("consumerProgress", "-g", group)
                        .lines()
                        .filter(line -> line.startsWith(topic))
                        .map(line -> List.of(line.strip().split("\\s+", -1)).get(4)))
                .containsExactly("1", "1", "1", "1"));
  }

  /** The client takes ten seconds for the queues of each name, one name after the other. */
  @Test
  void aRunningGroupGoesBackUnderAllNames() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("back");
    Inbox inbox = clients.inbox(group, topic, "*");
    for (MessageQueue queue : clients.producer().fetchPublishMessageQueues(topic)) {
      clients.producer().send(message(topic, queue.getBrokerName()), queue);
    }
    inbox.awaitExactly(List.of("escrowmq", "second"));
    awaitProgress(group, topic);
    assertThat(admin.run("resetOffsetByTime", "-g", group, "-t", topic, "-s", "0"))
        .contains("escrowmq", "second");
    inbox.awaitExactly(List.of("escrowmq", "second", "escrowmq", "second"));
    awaitProgress(group, topic);
  }

  /** Waits until the group is at the end of the one queue of either name. */
  private static void awaitProgress(String group, String topic) {
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() ->
            assertThat(
                    admin
                        .run("consumerProgress", "-g", group)
                        .lines()
                        .filter(line -> line.startsWith(topic))
                        .map(line -> List.of(line.strip().split("\\s+", -1)))
                        .map(words -> words.get(1) + " " + words.get(4)))
                .containsExactlyInAnyOrder("escrowmq 1", "second 1"));
  }
}
