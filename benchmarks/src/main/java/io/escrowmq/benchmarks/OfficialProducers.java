package io.escrowmq.benchmarks;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** A plain and a transactional producer of the official client on one server. Thread-safe. */
final class OfficialProducers implements AutoCloseable {

  static final int BODY_BYTES = 1024;

  private final DefaultMQProducer plain;
  private final TransactionMQProducer transactions;

  OfficialProducers(Target target) throws Exception {
    plain = started(new DefaultMQProducer("bench-producer"), target);
    transactions = new TransactionMQProducer("bench-tx-producer");
    transactions.setTransactionListener(new AlwaysCommit());
    started(transactions, target);
  }

  private static <P extends DefaultMQProducer> P started(P producer, Target target)
      throws Exception {
    producer.setNamesrvAddr(target.nameServer());
    producer.setInstanceName("bench-" + System.nanoTime());
    producer.setRetryTimesWhenSendFailed(0);
    producer.setDefaultTopicQueueNums(8);
    producer.start();
    return producer;
  }

  DefaultMQProducer plain() {
    return plain;
  }

  /** A server that has just started may need a moment before it takes messages. */
  void awaitFirst(String topic) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        send(topic);
        return;
      } catch (MQClientException | MQBrokerException notYet) {
        if (System.nanoTime() > deadline) {
          throw notYet;
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  int send(String topic) throws Exception {
    return acknowledged(plain.send(message(topic)));
  }

  /** Sends a message in a transaction whose local part costs nothing, and commits it. */
  int sendInTransaction(String topic) throws Exception {
    return acknowledged(transactions.sendMessageInTransaction(message(topic), null));
  }

  static Message message(String topic) {
    return new Message(topic, "tag", new byte[BODY_BYTES]);
  }

  static int acknowledged(SendResult result) {
    if (result.getSendStatus() != SendStatus.SEND_OK) {
      throw new IllegalStateException("not acknowledged: " + result);
    }
    return 1;
  }

  @Override
  public void close() {
    plain.shutdown();
    transactions.shutdown();
  }

  /** The local transaction that costs nothing, so that only messaging is measured. */
  private static final class AlwaysCommit implements TransactionListener {

    @Override
    public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
      return LocalTransactionState.COMMIT_MESSAGE;
    }

    @Override
    public LocalTransactionState checkLocalTransaction(MessageExt message) {
      return LocalTransactionState.COMMIT_MESSAGE;
    }
  }
}
