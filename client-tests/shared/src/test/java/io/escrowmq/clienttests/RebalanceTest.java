package io.escrowmq.clienttests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Members of a group come and go while messages flow: each message arrives, orderly consumers see
 * each queue in order and never two of them at once, and few messages arrive twice.
 */
final class RebalanceTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  private static final int QUEUES = 8;
  private static final int MOST_MEMBERS = 4;

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void membersComeAndGo() throws Exception {
    run(3, 50);
  }

  @Test
  @Tag("campaign")
  void twentyTimesMembersComeAndGo() throws Exception {
    for (Ledger ledger : run(20, 500)) {
      assertThat(ledger.duplicates() * 1_000L)
          .as("duplicates in thousandths of %d messages", ledger.received())
          .isLessThan(ledger.received());
    }
  }

  /** Changes both groups so many times, with so many messages in each queue in between. */
  private List<Ledger> run(int rounds, int messages) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String topic = clients.topic(QUEUES);
    Group concurrent = new Group(topic, new Ledger(false));
    Group orderly = new Group(topic, new Ledger(true));
    List<Ledger> ledgers = List.of(concurrent.ledger, orderly.ledger);
    for (Group group : List.of(concurrent, orderly)) {
      group.join();
      group.join();
    }
    try (Load load = new Load(clients.start(new DefaultMQProducer(clients.name("load"))), topic)) {
      awaitProgress(ledgers, messages);
      for (int round = 0; round < rounds; round++) {
        for (Group group : List.of(concurrent, orderly)) {
          group.change(random.nextBoolean());
        }
        awaitProgress(ledgers, messages);
      }
      load.stop();
      for (Ledger ledger : ledgers) {
        await()
            .atMost(Inbox.PATIENCE)
            .untilAsserted(() -> assertThat(ledger.missing(load.sent)).as("missing").isZero());
      }
    }
    System.out.printf(
        "%d rounds, seed %d: concurrent %s; orderly %s%n",
        rounds, seed, concurrent.ledger, orderly.ledger);
    ledgers.forEach(ledger -> assertThat(ledger.violations()).isEmpty());
    return ledgers;
  }

  /** Waits until every queue of every group has moved on by so many. */
  private static void awaitProgress(List<Ledger> ledgers, int messages) {
    for (Ledger ledger : ledgers) {
      int[] before = ledger.counts();
      await()
          .atMost(Inbox.PATIENCE)
          .until(() -> {
            int[] now = ledger.counts();
            for (int queue = 0; queue < QUEUES; queue++) {
              if (now[queue] < before[queue] + messages) {
                return false;
              }
            }
            return true;
          });
    }
  }

  /** A consumer group with changing members. */
  private final class Group {
    private final String topic;
    private final String name = clients.name("group");
    private final Ledger ledger;
    private final Deque<DefaultMQPushConsumer> members = new ArrayDeque<>();

    private Group(String topic, Ledger ledger) {
      this.topic = topic;
      this.ledger = ledger;
    }

    private void change(boolean preferJoin) throws MQClientException {
      boolean join = members.size() == 1 || (preferJoin && members.size() < MOST_MEMBERS);
      if (join) {
        join();
      } else {
        members.removeFirst().shutdown();
      }
    }

    private void join() throws MQClientException {
      DefaultMQPushConsumer member = clients.pushConsumer(name);
      member.subscribe(topic, "*");
      // A member that leaves finishes what it has begun.
      member.setAwaitTerminationMillisWhenShutdown(5_000);
      if (ledger.orderly) {
        member.registerMessageListener(
            (MessageListenerOrderly)
                (batch, context) -> {
                  ledger.add(batch);
                  return ConsumeOrderlyStatus.SUCCESS;
                });
      } else {
        member.registerMessageListener(
            (MessageListenerConcurrently)
                (batch, context) -> {
                  ledger.add(batch);
                  return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
                });
      }
      members.addLast(clients.start(member));
    }
  }

  /** Numbered messages to every queue, in the order of their numbers, until told to stop. */
  private static final class Load implements AutoCloseable {
    private static final int THREADS = 4;
    private static final long PAUSE_NANOS = 2_000_000;

    private final AtomicIntegerArray sent = new AtomicIntegerArray(QUEUES);
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(THREADS);

    private Load(DefaultMQProducer producer, String topic) {
      for (int thread = 0; thread < THREADS; thread++) {
        int first = thread;
        Thread sender = new Thread(() -> send(producer, topic, first), "load-" + thread);
        sender.setDaemon(true);
        sender.start();
      }
    }

    private void send(DefaultMQProducer producer, String topic, int first) {
      try {
        while (!stopped.get()) {
          for (int queue = first; queue < QUEUES; queue += THREADS) {
            byte[] body = Integer.toString(sent.get(queue)).getBytes(UTF_8);
            producer.send(
                new Message(topic, "tag", body), (all, m, key) -> all.get((Integer) key), queue);
            sent.incrementAndGet(queue);
          }
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      } catch (Exception e) {
        failure.set(e);
      } finally {
        ended.countDown();
      }
    }

    private void stop() throws Exception {
      stopped.set(true);
      ended.await();
      if (failure.get() != null) {
        throw failure.get();
      }
    }

    @Override
    public void close() {
      stopped.set(true);
    }
  }

  /** What a group has received, by queue and number. Safe for use by many threads. */
  private static final class Ledger {
    private final boolean orderly;
    private final List<BitSet> seen = new ArrayList<>();
    private final int[] last = new int[QUEUES];
    private final Thread[] working = new Thread[QUEUES];
    private final List<String> violations = new ArrayList<>();
    private int received;
    private int duplicates;

    private Ledger(boolean orderly) {
      this.orderly = orderly;
      for (int queue = 0; queue < QUEUES; queue++) {
        seen.add(new BitSet());
        last[queue] = -1;
      }
    }

    private void add(List<MessageExt> batch) {
      int queue = batch.get(0).getQueueId();
      begin(queue);
      try {
        batch.forEach(this::add);
      } finally {
        end(queue);
      }
    }

    private synchronized void begin(int queue) {
      if (orderly) {
        if (working[queue] != null) {
          violations.add("queue " + queue + " is consumed by two at once");
        }
        working[queue] = Thread.currentThread();
      }
    }

    private synchronized void end(int queue) {
      working[queue] = null;
    }

    private synchronized void add(MessageExt message) {
      int queue = message.getQueueId();
      int number = Integer.parseInt(Inbox.body(message));
      received++;
      if (seen.get(queue).get(number)) {
        duplicates++;
      }
      seen.get(queue).set(number);
      // What was not committed comes again, in order; nothing is left out.
      if (orderly && number > last[queue] + 1) {
        violations.add("queue " + queue + ": " + number + " came after " + last[queue]);
      }
      last[queue] = number;
    }

    private synchronized int[] counts() {
      return seen.stream().mapToInt(BitSet::cardinality).toArray();
    }

    private synchronized int missing(AtomicIntegerArray sent) {
      int missing = 0;
      for (int queue = 0; queue < QUEUES; queue++) {
        missing += sent.get(queue) - seen.get(queue).get(0, sent.get(queue)).cardinality();
      }
      return missing;
    }

    private synchronized int duplicates() {
      return duplicates;
    }

    private synchronized int received() {
      return received;
    }

    private synchronized List<String> violations() {
      return List.copyOf(violations);
    }

    @Override
    public synchronized String toString() {
      return received + " received, " + duplicates + " of them twice";
    }
  }
}
