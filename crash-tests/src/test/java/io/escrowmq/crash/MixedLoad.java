package io.escrowmq.crash;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Producers that never give up: plain, delayed and transactional messages from several threads,
 * each key sent at most once. Failed sends are expected while the server is down and are simply not
 * acknowledged.
 */
final class MixedLoad implements AutoCloseable {

  static final String PLAIN = "crash-plain";
  static final String DELAYED = "crash-delayed";
  static final String TRANSACTIONAL = "crash-transactional";

  private final Ledger ledger;
  private final long seed;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong failures = new AtomicLong();
  private final DefaultMQProducer producer;
  private final TransactionMQProducer transactions;

  MixedLoad(String nameServer, Ledger ledger, long seed) throws MQClientException {
    this.ledger = ledger;
    this.seed = seed;
    producer = new DefaultMQProducer("crash-producers");
    configure(producer, nameServer, "plain");
    transactions = new TransactionMQProducer("crash-transaction-producers");
    configure(transactions, nameServer, "transactional");
    transactions.setTransactionListener(new Decisions());
    producer.start();
    transactions.start();
  }

  /** Creates the topics on every broker there is. */
  @SuppressWarnings("deprecation") // The client's own tools have no other way.
  void createTopics() throws MQClientException {
    for (String topic : List.of(PLAIN, DELAYED, TRANSACTIONAL)) {
      producer.createTopic("TBW102", topic, 4, Map.of());
    }
  }

  void start() {
    for (int i = 0; i < 2; i++) {
      int lane = i;
      run("plain-" + lane, random -> sendPlain(lane));
      run("transactional-" + lane, random -> sendTransactional());
    }
    run("delayed", this::sendDelayed);
  }

  long failures() {
    return failures.get();
  }

  /** Ends the sending; transaction checks are answered until {@link #close()}. */
  void stopSending() throws InterruptedException {
    stop.countDown();
    for (Thread thread : threads) {
      thread.join(TimeUnit.SECONDS.toMillis(30));
    }
  }

  @Override
  public void close() {
    Shutdown.start(producer::shutdown);
    Shutdown.start(transactions::shutdown);
  }

  private static void configure(DefaultMQProducer producer, String nameServer, String name) {
    producer.setNamesrvAddr(nameServer);
    producer.setInstanceName(name + "-" + System.nanoTime());
    producer.setSendMsgTimeout(2000);
    producer.setRetryTimesWhenSendFailed(0);
    producer.setPollNameServerInterval(1000);
    producer.setHeartbeatBrokerInterval(1000);
  }

  private interface Step {
    void send(Random random) throws Exception;
  }

  private void run(String name, Step step) {
    Random random = new Random(seed ^ name.hashCode());
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!stop.await(1, TimeUnit.MILLISECONDS)) {
                  attempt(step, random);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    threads.add(thread);
  }

  private void attempt(Step step, Random random) throws InterruptedException {
    try {
      step.send(random);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      // Expected while the server is down: the message was not acknowledged, nothing is recorded.
      failures.incrementAndGet();
      stop.await(20, TimeUnit.MILLISECONDS);
    }
  }

  private Message message(String topic, String kind) {
    String key =
        kind
            + "-"
            + Long.toHexString(seed)
            + "-"
            + ledger.attempted.size()
            + "-"
            + System.nanoTime();
    ledger.attempted.put(key, true);
    Message message = new Message(topic, "tag", key, ("body of " + key).getBytes(UTF_8));
    message.setWaitStoreMsgOK(true);
    return message;
  }

  private void sendPlain(int lane) throws Exception {
    Message message = message(PLAIN, "p" + lane);
    SendResult result = producer.send(message);
    if (result.getSendStatus() == SendStatus.SEND_OK) {
      ledger.plainAcknowledged.put(
          message.getKeys(),
          new Ledger.Address(
              PLAIN,
              result.getMessageQueue().getBrokerName(),
              result.getMessageQueue().getQueueId(),
              result.getQueueOffset()));
    }
  }

  private void sendDelayed(Random random) throws Exception {
    Message message = message(DELAYED, "d");
    long dueMs = System.currentTimeMillis() + 200 + random.nextInt(2000);
    message.setDeliverTimeMs(dueMs);
    if (producer.send(message).getSendStatus() == SendStatus.SEND_OK) {
      ledger.delayedAcknowledged.put(message.getKeys(), dueMs);
    }
  }

  private void sendTransactional() throws Exception {
    transactions.sendMessageInTransaction(message(TRANSACTIONAL, "t"), null);
  }

  /** Six of ten commit, two roll back, two say unknown although they have decided. */
  private final class Decisions implements TransactionListener {

    @Override
    public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
      int dice = Math.floorMod(message.getKeys().hashCode(), 10);
      boolean commit = ledger.decide(message.getKeys(), dice < 7);
      return dice == 6 || dice == 9 ? LocalTransactionState.UNKNOW : state(commit);
    }

    @Override
    public LocalTransactionState checkLocalTransaction(MessageExt message) {
      return state(ledger.decide(message.getKeys(), false));
    }

    private LocalTransactionState state(boolean commit) {
      return commit ? LocalTransactionState.COMMIT_MESSAGE : LocalTransactionState.ROLLBACK_MESSAGE;
    }
  }
}
