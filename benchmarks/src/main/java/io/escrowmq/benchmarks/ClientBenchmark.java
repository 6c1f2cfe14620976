package io.escrowmq.benchmarks;

import io.escrowmq.server.process.ServerProcess;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private final Path directory;
  private final Duration length;
  private final Map<String, String> options;
  private final PrintStream out;

  ClientBenchmark(Path directory, Duration length, Map<String, String> options, PrintStream out) {
    this.directory = directory;
    this.length = length;
    this.options = Map.copyOf(options);
    this.out = out;
  }

  void run() throws Exception {
    String address = options.get("address");
    if (address != null) {
      out.printf("%nofficial client 5.5.0 against the server at %s%n", address);
      measureAll(address, Optional.empty());
      return;
    }
    String durability = options.getOrDefault("durability", "durable");
    out.printf("%nofficial client 5.5.0, server in its own process, durability %s%n", durability);
    try (ServerProcess server =
        ServerProcess.start(
            Path.of(System.getProperty("escrowmq.server.jar")),
            directory.resolve("client-" + System.nanoTime()),
            List.of("-Xmx1g", "-XX:+UseCompactObjectHeaders"),
            List.of("--escrowmq.storage.durability=" + durability))) {
      measureAll(server.nameServer(), Optional.of(server));
    }
  }

  private interface Operation {
    /** Performs one operation; returns how many messages it acknowledged. */
    int perform() throws Exception;
  }

  private void measureAll(String address, Optional<ServerProcess> server) throws Exception {
    String topic = "bench-" + System.nanoTime();
    DefaultMQProducer producer = configured(new DefaultMQProducer("bench-producer"), address);
    TransactionMQProducer transactions = new TransactionMQProducer("bench-tx-producer");
    transactions.setTransactionListener(new AlwaysCommit());
    configured(transactions, address);
    Operation send = () -> acknowledged(producer.send(message(topic)));
    report("warm-up, 16 threads", 16, send, server);
    report("sync send, 1 thread", 1, send, server);
    report("sync send, 16 threads", 16, send, server);
    report("sync send, 64 threads", 64, send, server);
    Operation transaction =
        () -> acknowledged(transactions.sendMessageInTransaction(message(topic + "-tx"), null));
    report("transactional, 16 threads", 16, transaction, server);
    report("transactional, 64 threads", 64, transaction, server);
    List<Message> batch = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      batch.add(message(topic));
    }
    report("batches of 32, 4 threads", 4, () -> acknowledged(producer.send(batch)) * BATCH, server);
    producer.shutdown();
    transactions.shutdown();
    drain(address, topic);
  }

  private static <P extends DefaultMQProducer> P configured(P producer, String address)
      throws Exception {
    producer.setNamesrvAddr(address);
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

  private void report(String name, int threads, Operation operation, Optional<ServerProcess> server)
      throws Exception {
    Duration cpuBefore = server.map(ServerProcess::cpuTime).orElse(Duration.ZERO);
    Measurement result = measure(threads, operation);
    Duration cpu = server.map(ServerProcess::cpuTime).orElse(Duration.ZERO).minus(cpuBefore);
    out.printf(
        "%-28s %s%s%n",
        name,
        result,
        server.isPresent()
            ? "   server CPU %.0f us/message".formatted(cpu.toNanos() / 1e3 / result.operations())
            : "");
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

  private void drain(String address, String topic) throws Exception {
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
