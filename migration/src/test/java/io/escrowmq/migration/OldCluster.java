package io.escrowmq.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.escrowmq.dev.rocketmq.DevRocketMq;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.impl.MQClientAPIImpl;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.route.BrokerData;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.jspecify.annotations.Nullable;

/** A RocketMQ cluster with applications that used it, by the official client. */
final class OldCluster implements AutoCloseable {

  private static final long TIMEOUT_MS = 10_000;
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String TEMPLATE = "TBW102";

  private final DevRocketMq cluster;
  private final DefaultMQProducer producer;
  private final int brokers;

  OldCluster(Path home, List<String> brokers) throws Exception {
    this(DevRocketMq.start(home, brokers, Map.of()), brokers.size(), null, false);
  }

  /** With applications that sign their requests, or that use TLS. */
  OldCluster(DevRocketMq cluster, int brokers, @Nullable RPCHook hook, boolean tls)
      throws Exception {
    this.cluster = cluster;
    this.brokers = brokers;
    producer = new DefaultMQProducer("fill", hook);
    producer.setUseTLS(tls);
    producer.setMqClientApiTimeout((int) SOON.toMillis());
    producer.setSendMsgTimeout((int) SOON.toMillis());
    producer.setNamesrvAddr(cluster.nameServer());
    producer.setInstanceName("fill-" + cluster.nameServer().replace(':', '-'));
    producer.start();
    // A broker accepts connections before it is registered.
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(() ->
            client().getTopicRouteInfoFromNameServer(TEMPLATE, TIMEOUT_MS).getBrokerDatas().size()
                == this.brokers);
  }

  String nameServer() {
    return cluster.nameServer();
  }

  DefaultMQProducer producer() {
    return producer;
  }

  /** On every broker. */
  void createTopic(String topic, int queues) throws Exception {
    producer.createTopic(TEMPLATE, topic, queues, Map.of());
    await().atMost(SOON).ignoreExceptions().until(() -> queues(topic).size() == queues * brokers);
  }

  /** On every broker. */
  void createGroup(String group) throws Exception {
    SubscriptionGroupConfig config = new SubscriptionGroupConfig();
    config.setGroupName(group);
    for (BrokerData broker :
        client().getBrokerClusterInfo(TIMEOUT_MS).getBrokerAddrTable().values()) {
      client().createSubscriptionGroup(broker.selectBrokerAddr(), config, TIMEOUT_MS);
    }
  }

  private MQClientAPIImpl client() {
    return producer.getDefaultMQProducerImpl().getMqClientFactory().getMQClientAPIImpl();
  }

  /** Its queues, broker by broker. */
  List<MessageQueue> queues(String topic) throws Exception {
    List<MessageQueue> queues = new ArrayList<>(producer.fetchPublishMessageQueues(topic));
    queues.sort(Comparator.naturalOrder());
    return queues;
  }

  SendResult send(MessageQueue queue, String body) throws Exception {
    return producer.send(message(queue.getTopic(), body), queue);
  }

  /** With its body as key. */
  static Message message(String topic, String body) {
    return new Message(topic, "tag", key(body), body.getBytes(StandardCharsets.UTF_8));
  }

  static String key(String body) {
    return body.length() > 40 ? body.substring(0, 40) : body;
  }

  /** Sends in a transaction and decides as told; unknown leaves the message in doubt. */
  void transaction(String topic, String body, LocalTransactionState decision) throws Exception {
    TransactionMQProducer transactions = new TransactionMQProducer("transactions");
    transactions.setNamesrvAddr(nameServer());
    transactions.setInstanceName("transactions-" + body);
    transactions.setTransactionListener(
        new TransactionListener() {
          @Override
          public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return decision;
          }

          @Override
          public LocalTransactionState checkLocalTransaction(MessageExt message) {
            return LocalTransactionState.UNKNOW;
          }
        });
    transactions.start();
    try {
      transactions.sendMessageInTransaction(message(topic, body), null);
    } finally {
      Thread.ofVirtual().start(transactions::shutdown);
    }
  }

  /** A member of a new or known group, which goes where it is told. */
  Member member(String group) throws Exception {
    createGroup(group);
    DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(group);
    consumer.setNamesrvAddr(nameServer());
    consumer.setInstanceName("member-" + group + "-" + producer.getInstanceName());
    consumer.setMqClientApiTimeout((int) SOON.toMillis());
    consumer.start();
    return new Member(consumer);
  }

  /** One consumer of a group. */
  record Member(DefaultMQPullConsumer consumer) implements AutoCloseable {

    void commit(MessageQueue queue, long offset) throws Exception {
      consumer
          .getDefaultMQPullConsumerImpl()
          .getOffsetStore()
          .updateConsumeOffsetToBroker(queue, offset, false);
    }

    MessageExt pull(MessageQueue queue, long offset) throws Exception {
      PullResult result = consumer.pull(queue, "*", offset, 1);
      assertThat(result.getPullStatus()).isEqualTo(PullStatus.FOUND);
      return result.getMsgFoundList().getFirst();
    }

    long end(MessageQueue queue) throws Exception {
      return consumer.maxOffset(queue);
    }

    @Override
    public void close() {
      // In the background: it waits three seconds for a thread of its own.
      Thread.ofVirtual().start(consumer::shutdown);
    }
  }

  @Override
  public void close() {
    producer.shutdown();
    cluster.close();
  }
}
