package io.escrowmq.benchmarks;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * How late a consumer of the official client gets messages with a delivery time, at a steady rate
 * of due messages, while many others wait for hours. Both clocks are this machine's.
 */
final class DelayBenchmark {

  private static final int BODY_BYTES = 256;
  private static final int WINDOW = 4096;
  private static final String DUE = "due";
  private static final int WARM_UP_SECONDS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Contenders contenders;
  private final Duration length;
  private final long pending;
  private final int rate;
  private final PrintStream out;

  DelayBenchmark(Path directory, Duration length, Map<String, String> options, PrintStream out) {
    this.contenders = new Contenders(directory, options);
    this.length = length;
    this.pending = Long.parseLong(options.getOrDefault("pending", "1000000"));
    this.rate = Integer.parseInt(options.getOrDefault("rate", "10000"));
    this.out = out;
  }

  void run() throws Exception {
    contenders.measure(target -> {
      measure(target);
      return target;
    });
  }

  private void measure(Target target) throws Exception {
    out.printf("%nofficial client 5.5.0 against %s%n", target.name());
    String topic = "bench-delay-" + System.nanoTime();
    DefaultMQProducer producer = new DefaultMQProducer("bench-delay-producer");
    producer.setNamesrvAddr(target.nameServer());
    producer.setInstanceName("bench-" + System.nanoTime());
    producer.setDefaultTopicQueueNums(8);
    producer.setSendMsgTimeout(30_000);
    producer.start();
    producer.send(message(topic));
    Arrivals arrivals = new Arrivals();
    DefaultMQPushConsumer consumer = consumer(target, topic, arrivals);
    try {
      fill(producer, topic);
      punctuality(producer, topic, arrivals, target);
    } finally {
      consumer.shutdown();
      producer.shutdown();
    }
  }

  /** Messages that are due in an hour at the earliest. */
  private void fill(DefaultMQProducer producer, String topic) throws Exception {
    long begin = System.nanoTime();
    long firstMs = System.currentTimeMillis() + TimeUnit.HOURS.toMillis(1);
    long spreadMs = TimeUnit.HOURS.toMillis(24);
    try (Sender sender = new Sender(producer)) {
      for (long i = 0; i < pending; i++) {
        Message message = message(topic);
        message.setDeliverTimeMs(firstMs + i * 7_919 % spreadMs);
        sender.send(message);
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    out.printf("%,d messages for later, sent at %,.0f/s%n", pending, pending / seconds);
  }

  private void punctuality(
      DefaultMQProducer producer, String topic, Arrivals arrivals, Target target) throws Exception {
    long messages = rate * (WARM_UP_SECONDS + length.toSeconds());
    // Sent before the first of them is due, so that sending is not measured.
    long leadMs = 10_000 + messages / 10;
    long firstMs = System.currentTimeMillis() + leadMs;
    arrivals.warmFromMs = firstMs + TimeUnit.SECONDS.toMillis(WARM_UP_SECONDS);
    try (Sender sender = new Sender(producer)) {
      for (long i = 0; i < messages; i++) {
        Message message = message(topic);
        long dueMs = firstMs + i * 1_000 / rate;
        message.setDeliverTimeMs(dueMs);
        message.putUserProperty(DUE, Long.toString(dueMs));
        sender.send(message);
      }
    }
    long earlyMs = firstMs - System.currentTimeMillis();
    if (earlyMs < 0) {
      throw new IllegalStateException(
          "sending took %d ms longer than planned; use a lower --rate".formatted(-earlyMs));
    }
    TimeUnit.MILLISECONDS.sleep(earlyMs);
    Duration cpu = target.cpu().get();
    long deadline = System.nanoTime() + length.plus(PATIENCE).toNanos();
    while (arrivals.received.get() < messages && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    cpu = target.cpu().get().minus(cpu);
    out.printf(
        "%,d of %,d arrived, %,d/s due; early: %,d by up to %d ms%s%n",
        arrivals.received.get(),
        messages,
        rate,
        arrivals.early.get(),
        arrivals.earliestMs.get(),
        cpu.isZero()
            ? ""
            : "; server CPU %.0f us/message".formatted(cpu.toNanos() / 1e3 / messages));
    print("the first " + WARM_UP_SECONDS + " s (warm-up)", arrivals.warmUp);
    print("the " + length.toSeconds() + " s after that", arrivals.lateness);
  }

  private void print(String when, Histogram lateness) {
    out.printf(
        "  due in %-22s late by p50 %3d ms, p99 %3d ms, p99.9 %3d ms, at most %d ms%n",
        when,
        lateness.getValueAtPercentile(50),
        lateness.getValueAtPercentile(99),
        lateness.getValueAtPercentile(99.9),
        lateness.getMaxValue());
  }

  private static DefaultMQPushConsumer consumer(Target target, String topic, Arrivals arrivals)
      throws Exception {
    DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("bench-delay-" + System.nanoTime());
    consumer.setNamesrvAddr(target.nameServer());
    consumer.setInstanceName("bench-consumer-" + System.nanoTime());
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.setConsumeMessageBatchMaxSize(32);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              messages.forEach(arrivals::note);
              return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    consumer.start();
    return consumer;
  }

  private static Message message(String topic) {
    return new Message(topic, "tag", new byte[BODY_BYTES]);
  }

  /** What the consumer got. */
  private static final class Arrivals {
    private final Histogram warmUp = new ConcurrentHistogram(3);
    private final Histogram lateness = new ConcurrentHistogram(3);
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong early = new AtomicLong();
    private final AtomicLong earliestMs = new AtomicLong();
    private volatile long warmFromMs;

    private void note(MessageExt message) {
      String due = message.getUserProperty(DUE);
      if (due == null) {
        return;
      }
      long dueMs = Long.parseLong(due);
      long lateMs = System.currentTimeMillis() - dueMs;
      if (lateMs < 0) {
        early.incrementAndGet();
        earliestMs.accumulateAndGet(-lateMs, Math::max);
      }
      (dueMs < warmFromMs ? warmUp : lateness).recordValue(Math.max(0, lateMs));
      received.incrementAndGet();
    }
  }

  /** Sends with some messages in flight; closing waits for the last of them. */
  private static final class Sender implements AutoCloseable {
    private final DefaultMQProducer producer;
    private final Semaphore inFlight = new Semaphore(WINDOW);
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    private Sender(DefaultMQProducer producer) {
      this.producer = producer;
    }

    private void send(Message message) throws Exception {
      inFlight.acquire();
      check();
      producer.send(
          message,
          new SendCallback() {
            @Override
            public void onSuccess(SendResult result) {
              inFlight.release();
            }

            @Override
            public void onException(Throwable reason) {
              failures.add(reason);
              inFlight.release();
            }
          });
    }

    private void check() {
      Throwable reason = failures.peek();
      if (reason != null) {
        throw new IllegalStateException("a send failed", reason);
      }
    }

    @Override
    public void close() throws InterruptedException {
      inFlight.acquire(WINDOW);
      check();
    }
  }
}
