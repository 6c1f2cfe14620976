package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static io.escrowmq.clienttests.SendTest.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.protocol.body.ClusterInfo;
import org.apache.rocketmq.remoting.protocol.subscription.ExponentialRetryPolicy;
import org.apache.rocketmq.remoting.protocol.subscription.GroupRetryPolicy;
import org.apache.rocketmq.remoting.protocol.subscription.GroupRetryPolicyType;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What an operator sets or moves and clients feel, on every engine: the same through the command
 * line is in the tests of mqadmin.
 */
final class BrokerFeaturesTest {
  private static final int CONSUMER_NOT_ONLINE = 206;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  private static DefaultMQAdminExt admin;
  private static String broker;

  @BeforeAll
  static void start() throws Exception {
    admin = new DefaultMQAdminExt(20_000);
    admin.setNamesrvAddr(SERVER.nameServer());
    admin.setInstanceName("broker-features");
    admin.start();
    ClusterInfo cluster = admin.examineBrokerClusterInfo();
    broker = cluster.getBrokerAddrTable().values().iterator().next().selectBrokerAddr();
  }

  @AfterAll
  static void stop() {
    admin.shutdown();
  }

  @Test
  void anOnlineGroupIsMovedByTime() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("online");
    send(topic, 0, 6);
    long between = moment();
    send(topic, 6, 10);
    Inbox inbox = clients.inbox(group, topic, "*");
    inbox.awaitExactly(numbered("m", 10));
    awaitOffset(group, topic, 10);

    moveByTime(topic, group, between);
    List<String> expected = new ArrayList<>(numbered("m", 10));
    expected.addAll(numbered("m", 10).subList(6, 10));
    inbox.awaitExactly(expected);
    awaitOffset(group, topic, 10);

    moveByTime(topic, group, 0);
    expected.addAll(numbered("m", 10));
    inbox.awaitExactly(expected);
    awaitOffset(group, topic, 10);
  }

  @Test
  void anOfflineGroupIsMovedByTime() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("offline");
    send(topic, 0, 6);
    long between = moment();
    send(topic, 6, 10);
    admin.createAndUpdateSubscriptionGroupConfig(broker, config(group));

    moveByTime(topic, group, between);

    clients.inbox(group, topic, "*").awaitExactly(numbered("m", 10).subList(6, 10));
  }

  @Test
  void offsetsOfOnlineAndOfflineGroupsAreCloned() throws Exception {
    String topic = clients.topic(2);
    String online = clients.name("online");
    clients.inbox(online, topic, "*");
    send(topic, 0, 6);
    awaitOffset(online, topic, 6);

    String first = clients.name("first-clone");
    admin.createAndUpdateSubscriptionGroupConfig(broker, config(first));
    admin.cloneGroupOffset(online, first, topic, false);
    awaitOffset(first, topic, 6);
    // Nobody of this group was ever there.
    String second = clients.name("second-clone");
    admin.createAndUpdateSubscriptionGroupConfig(broker, config(second));
    admin.cloneGroupOffset(first, second, topic, true);
    send(topic, 6, 10);

    for (String group : List.of(first, second)) {
      clients.inbox(group, topic, "*").awaitExactly(numbered("m", 10).subList(6, 10));
    }
  }

  @Test
  void aTopicTakesItsKindOfMessagesOnly() throws Exception {
    String topic = clients.name("kind");
    Message delayed = message(topic, "delayed");
    delayed.setDelayTimeLevel(1);
    admin.createAndUpdateTopicConfig(broker, config(topic, "+message.type", "NORMAL"));
    clients.producer().send(message(topic, "plain"));
    assertThatThrownBy(() -> clients.producer().send(delayed))
        .isInstanceOf(MQBrokerException.class)
        .hasMessageContaining("message.type");
    admin.createAndUpdateTopicConfig(broker, config(topic, "+message.type", "DELAY"));
    clients.producer().send(delayed);
    assertThatThrownBy(() -> clients.producer().send(message(topic, "plain")))
        .hasMessageContaining("message.type");
    clients.inbox(topic).awaitExactly(List.of("plain", "delayed"));
  }

  @Test
  void aTopicSaysHowLongItKeepsMessages() throws Exception {
    String topic = clients.name("kept");
    admin.createAndUpdateTopicConfig(broker, config(topic, "+reserve.time", "1"));
    assertThat(admin.examineTopicConfig(broker, topic).getAttributes())
        .containsEntry("reserve.time", "1");
    assertThatThrownBy(
            () -> admin.createAndUpdateTopicConfig(broker, config(topic, "+reserve.time", "soon")))
        .hasMessageContaining("reserve.time");
    clients.producer().send(message(topic, "young"));
    clients.inbox(topic).awaitExactly(List.of("young"));
  }

  @Test
  @Tag("escrowmq-only")
  void aThrottledGroupGetsEverythingButSlowly() throws Exception {
    String topic = clients.topic(1);
    SubscriptionGroupConfig slow = config(clients.name("slow"));
    slow.setAttributes(Map.of("+consume.max.tps", "40"));
    admin.createAndUpdateSubscriptionGroupConfig(broker, slow);
    send(topic, 0, 120);

    Inbox inbox = clients.inbox(slow.getGroupName(), topic, "*");

    inbox.awaitAtLeast(1);
    long begin = System.nanoTime();
    inbox.awaitExactly(numbered("m", 120));
    // The first answer has 32; 88 more at 40 a second, of which the last answer may be early.
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(1));
  }

  @Test
  void aGroupRetriesAsItsPolicySays() throws Exception {
    String topic = clients.topic(1);
    SubscriptionGroupConfig quick = config(clients.name("retrying"));
    GroupRetryPolicy policy = new GroupRetryPolicy();
    policy.setType(GroupRetryPolicyType.EXPONENTIAL);
    policy.setExponentialRetryPolicy(new ExponentialRetryPolicy(700, 900, 2));
    quick.setGroupRetryPolicy(policy);
    admin.createAndUpdateSubscriptionGroupConfig(broker, quick);
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(quick.getGroupName());
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              inbox.consumeMessage(messages, null);
              return messages.get(0).getReconsumeTimes() < 3
                  ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                  : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    clients.start(consumer);
    clients.producer().send(message(topic, "again"));

    // By the delay levels three retries take 100 s.
    await().atMost(Duration.ofSeconds(50)).until(() -> inbox.bodies().size() == 4);
    assertThat(inbox.messages())
        .extracting(MessageExt::getReconsumeTimes)
        .containsExactly(0, 1, 2, 3);
  }

  /** By the way that mqadmin goes: the other one if nobody of the group is there. */
  private static void moveByTime(String topic, String group, long time) throws Exception {
    try {
      admin.resetOffsetByTimestamp(topic, group, time, true);
    } catch (MQClientException e) {
      assertThat(e.getResponseCode()).isEqualTo(CONSUMER_NOT_ONLINE);
      admin.resetOffsetByTimestampOld(group, topic, time, true);
    }
  }

  /** A time, in ms, that is later than everything sent before and not later than what follows. */
  private static long moment() {
    long sent = System.currentTimeMillis();
    await().pollInterval(Duration.ofMillis(1)).until(() -> System.currentTimeMillis() > sent);
    return sent + 1;
  }

  private static void awaitOffset(String group, String topic, long consumed) {
    await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptionsInstanceOf(MQClientException.class)
        .ignoreExceptionsInstanceOf(MQBrokerException.class)
        .until(() ->
            admin.examineConsumeStats(group, topic).getOffsetTable().values().stream()
                    .mapToLong(offset -> offset.getConsumerOffset())
                    .sum()
                == consumed);
  }

  private void send(String topic, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      clients.producer().send(message(topic, "m" + i));
    }
  }

  private static SubscriptionGroupConfig config(String group) {
    SubscriptionGroupConfig config = new SubscriptionGroupConfig();
    config.setGroupName(group);
    return config;
  }

  private static TopicConfig config(String topic, String attribute, String value) {
    TopicConfig config = new TopicConfig(topic, 1, 1);
    config.setAttributes(Map.of(attribute, value));
    return config;
  }
}
