package io.escrowmq.clienttests;

import static org.awaitility.Awaitility.await;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes clients and names for one test, and shuts the clients down after it. Names are unique, so
 * that tests can run at the same time, and again on the same server.
 */
final class TestClients implements BeforeEachCallback, AfterEachCallback {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final AtomicInteger COUNTER = new AtomicInteger();

  /** How often clients look for new topics and say that they live; their default is 30 s. */
  private static final int PERIOD_MS = 1_000;

  /**
   * How long one call may take: the client's own 3 s are too short for a machine that builds at the
   * same time.
   */
  private static final int CALL_TIMEOUT_MS = 20_000;

  private static final String UNNAMED = "DEFAULT";

  private final ServerFixture server;
  private final Deque<Runnable> shutdowns = new ArrayDeque<>();
  private DefaultMQProducer producer;

  TestClients(ServerFixture server) {
    this.server = server;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws MQClientException {
    producer = start(new DefaultMQProducer(name("producers")));
  }

  /** In the background: each client waits up to three seconds for a thread of its own to notice. */
  @Override
  public void afterEach(ExtensionContext context) {
    while (!shutdowns.isEmpty()) {
      Thread.ofVirtual().name("client-shutdown").start(shutdowns.removeLast());
    }
  }

  /** A name that nothing else uses. */
  String name(String purpose) {
    return purpose + "-" + RUN + "-" + COUNTER.incrementAndGet();
  }

  /** A new topic with this many queues. */
  String topic(int queues) {
    String topic = name("topic");
    // Tried again, because the client gives this call a few seconds and no more.
    await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptionsInstanceOf(MQClientException.class)
        .until(() -> {
          ClientLine.createTopic(producer, topic, queues);
          return true;
        });
    return topic;
  }

  /** The producer that this test may use for everything ordinary. */
  DefaultMQProducer producer() {
    return producer;
  }

  DefaultMQProducer start(DefaultMQProducer client) throws MQClientException {
    configure(client);
    client.setSendMsgTimeout(CALL_TIMEOUT_MS);
    client.start();
    shutdowns.addLast(client::shutdown);
    return client;
  }

  TransactionMQProducer transactionProducer(String group, TransactionListener listener)
      throws MQClientException {
    TransactionMQProducer client = new TransactionMQProducer(group);
    client.setTransactionListener(listener);
    start(client);
    return client;
  }

  /** A push consumer that starts with the first message; not started yet. */
  DefaultMQPushConsumer pushConsumer(String group) {
    DefaultMQPushConsumer client = new DefaultMQPushConsumer(group);
    client.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    client.setConsumeThreadMin(4);
    client.setConsumeThreadMax(4);
    return client;
  }

  DefaultMQPushConsumer start(DefaultMQPushConsumer client) throws MQClientException {
    configure(client);
    client.start();
    shutdowns.addLast(client::shutdown);
    return client;
  }

  DefaultLitePullConsumer start(DefaultLitePullConsumer client) throws MQClientException {
    configure(client);
    client.setPullThreadNums(2);
    client.start();
    shutdowns.addLast(client::shutdown);
    return client;
  }

  DefaultMQPullConsumer start(DefaultMQPullConsumer client) throws MQClientException {
    configure(client);
    client.start();
    shutdowns.addLast(client::shutdown);
    return client;
  }

  /** Everything that appears in a topic, received by a group of its own. */
  Inbox inbox(String topic) throws MQClientException {
    return inbox(topic, "*");
  }

  /** Everything in a topic that has one of these tags. */
  Inbox inbox(String topic, String tags) throws MQClientException {
    return inbox(name("inbox"), topic, tags);
  }

  /** What a member of a group gets of a topic. */
  Inbox inbox(String group, String topic, String tags) throws MQClientException {
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = pushConsumer(group);
    consumer.subscribe(topic, tags);
    consumer.registerMessageListener(inbox);
    start(consumer);
    return inbox;
  }

  /** Where the server is, and a name if it has none; {@code start} does this too. */
  void configure(ClientConfig client) {
    client.setNamesrvAddr(server.nameServer());
    if (client.getInstanceName().equals(UNNAMED)) {
      client.setInstanceName(name("instance"));
    }
    client.setHeartbeatBrokerInterval(PERIOD_MS);
    client.setPollNameServerInterval(PERIOD_MS);
    client.setMqClientApiTimeout(CALL_TIMEOUT_MS);
  }
}
