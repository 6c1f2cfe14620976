package io.escrowmq.benchmarks;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** What an application sees through the official client on the same machine. */
final class ClientBenchmark {

  private static final int BODY_BYTES = 1024;
  private static final int BATCH = 32;

  private final Contenders contenders;
  private final Duration length;
  private final PrintStream out;

  ClientBenchmark(Path directory, Duration length, Map<String, String> options, PrintStream out) {
    this.contenders = new Contenders(directory, options);
    this.length = length;
    this.out = out;
  }

  void run() throws Exception {
    Contenders.Results<Map<String, Double>> rates = contenders.measure(this::measureAll);
    rates.rocketMq().ifPresent(theirs -> compare(rates.first(), theirs));
  }

  private void compare(Map<String, Double> ours, Map<String, Double> theirs) {
    out.printf("%nEscrowMQ's rate as a multiple of RocketMQ's%n");
    theirs.forEach(
        (name, rate) -> out.printf("%-28s %.2f%n", name, ours.getOrDefault(name, 0.0) / rate));
  }

  private interface Operation {
    /** Performs one operation; returns how many messages it acknowledged. */
    int perform() throws Exception;
  }

  /** Messages a second by what was measured, in the order of measuring. */
  private Map<String, Double> measureAll(Target target) throws Exception {
    out.printf("%nofficial client 5.5.0 against %s%n", target.name());
    Map<String, Double> rates = new LinkedHashMap<>();
    String topic = "bench-" + System.nanoTime();
    DefaultMQProducer producer = producer(new DefaultMQProducer("bench-producer"), target);
    TransactionMQProducer transactions = new TransactionMQProducer("bench-tx-producer");
    transactions.setTransactionListener(new AlwaysCommit());
    producer(transactions, target);
    awaitFirst(producer, topic);
    Operation send = () -> acknowledged(producer.send(message(topic)));
    report("warm-up, 16 threads", 16, send, target);
    rates.put("sync send, 1 thread", report("sync send, 1 thread", 1, send, target));
    rates.put("sync send, 16 threads", report("sync send, 16 threads", 16, send, target));
    rates.put("sync send, 64 threads", report("sync send, 64 threads", 64, send, target));
    Operation transaction =
        () -> acknowledged(transactions.sendMessageInTransaction(message(topic + "-tx"), null));
    report("warm-up, transactional", 16, transaction, target);
    for (int threads : new int[] {16, 64}) {
      String name = "transactional, %d threads".formatted(threads);
      rates.put(name, report(name, threads, transaction, target));
    }
    List<Message> batch = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      batch.add(message(topic));
    }
    Operation batches = () -> acknowledged(producer.send(batch)) * BATCH;
    rates.put("batches of 32, 4 threads", report("batches of 32, 4 threads", 4, batches, target));
    producer.shutdown();
    transactions.shutdown();
    rates.put("drain of the backlog", drain(target.nameServer(), topic));
    return rates;
  }

  /** A server that has just started may need a moment before it takes messages. */
  private static void awaitFirst(DefaultMQProducer producer, String topic) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        acknowledged(producer.send(message(topic)));
        return;
      } catch (MQClientException | MQBrokerException notYet) {
        if (System.nanoTime() > deadline) {
          throw notYet;
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private static <P extends DefaultMQProducer> P producer(P producer, Target target)
      throws Exception {
    producer.setNamesrvAddr(target.nameServer());
    producer.setInstanceName("bench-" + System.nanoTime());
    producer.setRetryTimesWhenSendFailed(0);
    producer.setDefaultTopicQueueNums(8);
    producer.start();
    return producer;
  }

  private static Message message(String topic) {
    return new Message(topic, "tag", new byte[BODY_BYTES]);
  }

  private static int acknowledged(SendResult result) {
    if (result.getSendStatus() != SendStatus.SEND_OK) {
      throw new IllegalStateException("not acknowledged: " + result);
    }
    return 1;
  }

  private double report(String name, int threads, Operation operation, Target target)
      throws Exception {
    Duration before = target.cpu().get();
    Measurement result = measure(threads, operation);
    Duration cpu = target.cpu().get().minus(before);
    out.printf(
        "%-28s %s%s%n",
        name,
        result,
        cpu.isZero()
            ? ""
            : "   server CPU %.0f us/message".formatted(cpu.toNanos() / 1e3 / result.operations()));
    return result.perSecond();
  }

  private Measurement measure(int threads, Operation operation) throws Exception {
    Histogram latency = new ConcurrentHistogram(3);
    AtomicLong messages = new AtomicLong();
    Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    CountDownLatch done = new CountDownLatch(threads);
    long start = System.nanoTime();
    long end = start + length.toNanos();
    for (int i = 0; i < threads; i++) {
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              long now = System.nanoTime();
              while (now < end && failures.isEmpty()) {
                messages.addAndGet(operation.perform());
                long after = System.nanoTime();
                latency.recordValue(after - now);
                now = after;
              }
            } catch (Exception e) {
              failures.add(e);
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    Exception failure = failures.peek();
    if (failure != null) {
      throw failure;
    }
    long nanos = System.nanoTime() - start;
    return new Measurement(messages.get(), messages.get() * BODY_BYTES, nanos, latency);
  }

  private double drain(String address, String topic) throws Exception {
    DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("bench-drain-" + System.nanoTime());
    consumer.setNamesrvAddr(address);
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.setConsumeMessageBatchMaxSize(32);
    consumer.setPullBatchSize(32);
    consumer.subscribe(topic, "*");
    AtomicLong received = new AtomicLong();
    AtomicLong first = new AtomicLong();
    AtomicLong last = new AtomicLong();
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              first.compareAndSet(0, System.nanoTime());
              received.addAndGet(messages.size());
              last.set(System.nanoTime());
              return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    consumer.start();
    CountDownLatch pause = new CountDownLatch(1);
    long before = -1;
    while (received.get() == 0 || received.get() != before) {
      before = received.get();
      pause.await(2, TimeUnit.SECONDS);
    }
    consumer.shutdown();
    double seconds = (last.get() - first.get()) / 1e9;
    out.printf(
        "%-28s %,10.0f/s   (%,d messages in %.1f s, one push consumer)%n",
        "drain of the backlog", received.get() / seconds, received.get(), seconds);
    return received.get() / seconds;
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
