package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Transactions that were given up, and an operator with the official API who asks once more: who
 * has the right to change the topic may, who only sends and reads it may not.
 */
@Tag("escrowmq-only")
final class ResumedChecksTest {
  private static final int RESUME_CHECK_HALF_MESSAGE = 323;
  private static final int NO_PERMISSION = 16;
  private static final RPCHook ADMIN = hook("admin", "admin-secret");
  private static final RPCHook OPERATOR = hook("operator", "operator-secret");
  private static final RPCHook APP = hook("app", "app-secret");

  @RegisterExtension
  static final ServerFixture SERVER =
      ServerFixture.own(
          "--escrowmq.transactions.check-max=1",
          "--escrowmq.security.enabled=true",
          "--escrowmq.security.admin-user=admin",
          "--escrowmq.security.admin-secret=admin-secret");

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  private final List<DefaultMQAdminExt> tools = new ArrayList<>();

  @AfterEach
  void stop() {
    tools.forEach(DefaultMQAdminExt::shutdown);
  }

  @Test
  void aHalfMessageIsAskedAboutAgain() throws Exception {
    String topic = clients.name("topic");
    DefaultMQAdminExt operator = users(topic);
    Inbox inbox = inbox(topic);
    Checks checks = new Checks();
    TransactionMQProducer producer = new TransactionMQProducer(clients.name("given-up"), APP);
    producer.setTransactionListener(checks);
    clients.start(producer);
    producer.sendMessageInTransaction(message(topic, "late"), null);
    await().atMost(Inbox.PATIENCE).until(() -> checks.id.get() != null);
    await().atMost(Inbox.PATIENCE).until(() -> resumes(operator, topic, checks.id.get()));
    int before = checks.asked.get();
    assertThat(before).isPositive();

    RemotingCommand refusal =
        Remoting.toBrokerOf(topic, producer)
            .call(RESUME_CHECK_HALF_MESSAGE, Map.of("topic", topic, "msgId", checks.id.get()));
    assertThat(refusal.getCode()).isEqualTo(NO_PERMISSION);
    assertThat(refusal.getRemark()).contains("user app may not Update Topic:" + topic);

    checks.known.set(LocalTransactionState.COMMIT_MESSAGE);
    await()
        .atMost(Inbox.PATIENCE)
        .until(() -> {
          resumes(operator, topic, checks.id.get());
          return inbox.bodies().equals(List.of("late"));
        });
    assertThat(checks.asked.get()).isGreaterThan(before);
    assertThat(resumes(operator, topic, checks.id.get())).as("decided").isFalse();
  }

  /** What the application knows, and how often it was asked. */
  private static final class Checks implements TransactionListener {
    final AtomicReference<LocalTransactionState> known =
        new AtomicReference<>(LocalTransactionState.UNKNOW);
    final AtomicInteger asked = new AtomicInteger();
    final AtomicReference<String> id = new AtomicReference<>();

    @Override
    public LocalTransactionState executeLocalTransaction(Message half, Object argument) {
      return LocalTransactionState.UNKNOW;
    }

    @Override
    public LocalTransactionState checkLocalTransaction(MessageExt half) {
      // The id that has the server's number in it; a send in a transaction does not say it.
      id.set(half.getMsgId());
      asked.incrementAndGet();
      return known.get();
    }
  }

  /** The API first looks at the message, and fails in one of two ways if it is not parked. */
  private static boolean resumes(DefaultMQAdminExt api, String topic, String id) throws Exception {
    try {
      return api.resumeCheckHalfMessage(topic, id);
    } catch (MQClientException | NullPointerException e) {
      return false;
    }
  }

  /** A topic, an application that sends and reads it, and the operator's tool. */
  private DefaultMQAdminExt users(String topic) throws Exception {
    DefaultMQProducer admin = new DefaultMQProducer(clients.name("admins"), ADMIN);
    clients.start(admin);
    ClientLine.createTopic(admin, topic, 1);
    DefaultMQAdminExt api = tool(ADMIN);
    String broker = api.examineTopicRouteInfo(topic).getBrokerDatas().get(0).selectBrokerAddr();
    api.createUser(broker, "app", "app-secret", "Normal");
    api.createUser(broker, "operator", "operator-secret", "Normal");
    api.createAcl(
        broker, "User:app", List.of("Topic:" + topic), List.of("Pub", "Sub"), null, "Allow");
    api.createAcl(broker, "User:app", List.of("Group:*"), List.of("Sub"), null, "Allow");
    api.createAcl(
        broker,
        "User:operator",
        List.of("Topic:" + topic),
        List.of("Get", "Update"),
        null,
        "Allow");
    return tool(OPERATOR);
  }

  private DefaultMQAdminExt tool(RPCHook user) throws MQClientException {
    DefaultMQAdminExt api = new DefaultMQAdminExt(user, 20_000);
    api.setNamesrvAddr(SERVER.nameServer());
    api.setInstanceName(clients.name("tool"));
    api.start();
    tools.add(api);
    return api;
  }

  private Inbox inbox(String topic) throws MQClientException {
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer =
        new DefaultMQPushConsumer(clients.name("inbox"), APP, new AllocateMessageQueueAveragely());
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    clients.start(consumer);
    return inbox;
  }

  private static RPCHook hook(String accessKey, String secretKey) {
    return new AclClientRPCHook(new SessionCredentials(accessKey, secretKey));
  }
}
