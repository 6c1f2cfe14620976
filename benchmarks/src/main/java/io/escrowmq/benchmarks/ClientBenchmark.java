package io.escrowmq.benchmarks;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;

/** What an application sees through the official client on the same machine. */
final class ClientBenchmark {

  private static final int BATCH = 32;

  private final Contenders contenders;
  private final ClientLoad load;
  private final PrintStream out;

  ClientBenchmark(Path directory, Duration length, Map<String, String> options, PrintStream out) {
    this.contenders = new Contenders(directory, options);
    this.load = new ClientLoad(length);
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

  /** Messages a second by what was measured, in the order of measuring. */
  private Map<String, Double> measureAll(Target target) throws Exception {
    out.printf("%nofficial client 5.5.0 against %s%n", target.name());
    Map<String, Double> rates = new LinkedHashMap<>();
    String topic = "bench-" + System.nanoTime();
    try (OfficialProducers producers = new OfficialProducers(target)) {
      producers.awaitFirst(topic);
      ClientLoad.Operation send = () -> producers.send(topic);
      report("warm-up, 16 threads", 16, send, target);
      rates.put("sync send, 1 thread", report("sync send, 1 thread", 1, send, target));
      rates.put("sync send, 16 threads", report("sync send, 16 threads", 16, send, target));
      rates.put("sync send, 64 threads", report("sync send, 64 threads", 64, send, target));
      ClientLoad.Operation transaction = () -> producers.sendInTransaction(topic + "-tx");
      report("warm-up, transactional", 16, transaction, target);
      for (int threads : new int[] {16, 64}) {
        String name = "transactional, %d threads".formatted(threads);
        rates.put(name, report(name, threads, transaction, target));
      }
      List<Message> batch = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        batch.add(OfficialProducers.message(topic));
      }
      ClientLoad.Operation batches =
          () -> OfficialProducers.acknowledged(producers.plain().send(batch)) * BATCH;
      rates.put("batches of 32, 4 threads", report("batches of 32, 4 threads", 4, batches, target));
    }
    rates.put("drain of the backlog", drain(target.nameServer(), topic));
    return rates;
  }

  private double report(String name, int threads, ClientLoad.Operation operation, Target target)
      throws Exception {
    Duration before = target.cpu().get();
    Measurement result = load.measure(threads, operation);
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
}
