package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.RPCHook;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Clients that sign their requests, and those that should not get far. */
@Tag("escrowmq-only")
@Execution(ExecutionMode.SAME_THREAD)
final class SecurityTest {
  private static final String OPEN = "open-topic";
  private static final String CLOSED = "closed-topic";
  private static final String GROUP = "app-group";
  private static final int NO_PERMISSION = 16;
  private static final int CREATE_USER = 3001;
  private static final int CREATE_ACL = 3006;
  private static final int CALL_TIMEOUT_MS = 20_000;

  private static final AtomicInteger COUNTER = new AtomicInteger();

  @RegisterExtension
  static final ServerFixture SERVER =
      ServerFixture.own(
          "--escrowmq.security.enabled=true",
          "--escrowmq.security.admin-user=admin",
          "--escrowmq.security.admin-secret=admin-secret");

  private final List<Runnable> shutdowns = new ArrayList<>();

  @BeforeAll
  static void usersAndTopics() throws Exception {
    DefaultMQProducer admin = new DefaultMQProducer("admins", hook("admin", "admin-secret"));
    configure(admin);
    admin.start();
    try {
      for (String topic : new String[] {OPEN, CLOSED}) {
        ClientLine.createTopic(admin, topic, 1);
        assertThat(admin.send(message(topic, "first")).getSendStatus())
            .isEqualTo(SendStatus.SEND_OK);
      }
      Remoting broker = Remoting.toBrokerOf(OPEN, admin);
      assertThat(
              broker
                  .call(CREATE_USER, Map.of("username", "app"), "{\"password\":\"app-secret\"}")
                  .getCode())
          .isZero();
      allow(broker, "Topic:" + OPEN, "\"Pub\",\"Sub\"");
      allow(broker, "Group:" + GROUP, "\"Sub\"");
    } finally {
      admin.shutdown();
    }
  }

  private static void allow(Remoting broker, String resource, String actions) throws Exception {
    String entry =
        "{\"policies\":[{\"entries\":[{\"resource\":\""
            + resource
            + "\",\"actions\":["
            + actions
            + "],\"decision\":\"Allow\"}]}]}";
    assertThat(broker.call(CREATE_ACL, Map.of("subject", "User:app"), entry).getCode()).isZero();
  }

  @AfterEach
  void shutDown() {
    // In the background, as TestClients does.
    shutdowns.forEach(Thread.ofVirtual().name("client-shutdown")::start);
  }

  @Test
  void whoMaySendsAndConsumes() throws Exception {
    assertThat(producer(hook("app", "app-secret")).send(message(OPEN, "mine")).getSendStatus())
        .isEqualTo(SendStatus.SEND_OK);
    Inbox inbox = consume(GROUP, hook("app", "app-secret"), OPEN);
    await().atMost(Inbox.PATIENCE).until(() -> inbox.bodies().contains("mine"));
  }

  @Test
  void aTopicThatIsNotAllowedIsRefusedWithWhatToDo() throws Exception {
    DefaultMQProducer app = producer(hook("app", "app-secret"));
    assertThatThrownBy(() -> app.send(message(CLOSED, "no")))
        .isInstanceOfSatisfying(
            MQClientException.class,
            e -> assertThat(e.getResponseCode()).isEqualTo(NO_PERMISSION))
        .rootCause()
        .hasMessageContaining("user app may not Pub Topic:" + CLOSED)
        .hasMessageContaining("mqadmin createAcl");
    DefaultMQPullConsumer puller = puller(GROUP, hook("app", "app-secret"));
    MessageQueue queue = puller.fetchSubscribeMessageQueues(CLOSED).iterator().next();
    assertThatThrownBy(() -> puller.pull(queue, "*", 0, 1))
        .isInstanceOfSatisfying(
            MQBrokerException.class,
            e -> assertThat(e.getResponseCode()).isEqualTo(NO_PERMISSION));
  }

  @Test
  void aGroupThatIsNotAllowedIsRefused() throws Exception {
    DefaultMQPullConsumer mine = puller(GROUP, hook("app", "app-secret"));
    MessageQueue queue = mine.fetchSubscribeMessageQueues(OPEN).iterator().next();
    PullResult pulled = mine.pull(queue, "*", 0, 1);
    assertThat(Inbox.body(pulled.getMsgFoundList().get(0))).isEqualTo("first");
    DefaultMQPullConsumer others = puller("others-group", hook("app", "app-secret"));
    assertThatThrownBy(() -> others.pull(queue, "*", 0, 1))
        .isInstanceOfSatisfying(
            MQBrokerException.class,
            e -> assertThat(e.getErrorMessage()).contains("Group:others-group"));
    Inbox inbox = consume("others-group", hook("app", "app-secret"), OPEN);
    await().during(Duration.ofSeconds(2)).until(() -> inbox.bodies().isEmpty());
  }

  @Test
  void aWrongSecretOrNoneGetsNothing() throws Exception {
    for (RPCHook hook : new RPCHook[] {hook("app", "wrong"), hook("nobody", "x"), null}) {
      DefaultMQProducer stranger = producer(hook);
      assertThatThrownBy(() -> stranger.send(message(OPEN, "no")))
          .isInstanceOf(MQClientException.class);
      assertThatThrownBy(() -> ClientLine.createTopic(stranger, "made-by-strangers", 1))
          .isInstanceOf(MQClientException.class);
    }
  }

  @Test
  void usersOutliveARestart() throws Exception {
    SERVER.stopAndStart();
    assertThat(producer(hook("app", "app-secret")).send(message(OPEN, "again")).getSendStatus())
        .isEqualTo(SendStatus.SEND_OK);
    DefaultMQProducer app = producer(hook("app", "app-secret"));
    assertThatThrownBy(() -> app.send(message(CLOSED, "no")))
        .rootCause()
        .hasMessageContaining("user app may not");
    DefaultMQProducer wrong = producer(hook("app", "wrong"));
    assertThatThrownBy(() -> wrong.send(message(OPEN, "no"))).isInstanceOf(MQClientException.class);
  }

  private static RPCHook hook(String accessKey, String secretKey) {
    return new AclClientRPCHook(new SessionCredentials(accessKey, secretKey));
  }

  private DefaultMQProducer producer(RPCHook hook) throws MQClientException {
    DefaultMQProducer producer = new DefaultMQProducer("producers-" + COUNTER.get(), hook);
    configure(producer);
    producer.setSendMsgTimeout(CALL_TIMEOUT_MS);
    producer.setRetryTimesWhenSendFailed(0);
    producer.start();
    shutdowns.add(producer::shutdown);
    return producer;
  }

  private DefaultMQPullConsumer puller(String group, RPCHook hook) throws MQClientException {
    DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(group, hook);
    configure(consumer);
    consumer.start();
    shutdowns.add(consumer::shutdown);
    return consumer;
  }

  private Inbox consume(String group, RPCHook hook, String topic) throws MQClientException {
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer =
        new DefaultMQPushConsumer(group, hook, new AllocateMessageQueueAveragely());
    configure(consumer);
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    consumer.start();
    shutdowns.add(consumer::shutdown);
    return inbox;
  }

  private static void configure(ClientConfig client) {
    client.setNamesrvAddr(SERVER.nameServer());
    client.setInstanceName("security-" + COUNTER.incrementAndGet());
    client.setHeartbeatBrokerInterval(1_000);
    client.setPollNameServerInterval(1_000);
    client.setMqClientApiTimeout(CALL_TIMEOUT_MS);
  }
}
