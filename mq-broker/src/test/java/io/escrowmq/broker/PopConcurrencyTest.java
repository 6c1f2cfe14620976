package io.escrowmq.broker;

import static io.escrowmq.broker.BrokerFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.escrowmq.broker.PopFixture.Got;
import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.protocol.PopServices;
import io.escrowmq.spi.protocol.QueueStride;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.testkit.InMemoryStorage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Many members and producers at once, with the machine's clock. Nobody waits for less than the
 * test's own patience, so a lost wake-up shows as a message that never comes.
 */
final class PopConcurrencyTest {

  private static final int QUEUES = 4;
  private static final int MESSAGES_PER_QUEUE = 1_500;
  private static final int MEMBERS = 6;
  private static final Duration PATIENCE = Duration.ofSeconds(50);
  private static final long WAIT_MS = 60_000;

  private final InMemoryStorage storage =
      InMemoryStorage.open(StorageSettings.defaults(Path.of("unused")), StorageContext.system());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Integer> received = new ConcurrentHashMap<>();
  private Broker broker;

  @BeforeEach
  void start() {
    broker = Broker.start(BrokerSettings.DEFAULT, storage, TimeSource.system());
    broker.topics().createOrUpdate(TopicConfig.of("orders", QUEUES));
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    broker.close();
    storage.close();
  }

  @Test
  void eachMessageComesOnceAndNoneIsMissed() throws Exception {
    List<Future<?>> members = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      int batch = 1 + 7 * i;
      members.add(threads.submit(() -> consume(batch)));
    }
    List<Future<?>> producers = new ArrayList<>();
    for (int queue = 0; queue < QUEUES; queue++) {
      int mine = queue;
      producers.add(threads.submit(() -> produce(mine)));
    }
    for (Future<?> producer : producers) {
      producer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    int total = QUEUES * MESSAGES_PER_QUEUE;
    await().atMost(PATIENCE).until(() -> received.size() == total);
    assertThat(received.values()).containsOnly(1);
    await().atMost(PATIENCE).until(() -> committed() == total);
    // A round is counted after its answers are given.
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(broker.statistics())
                .containsEntry("pop-in-flight-messages", 0L)
                .containsEntry("pop-errors-total", 0L)
                .containsEntry("popped-messages-total", (long) total));
    assertThat(members).noneMatch(Future::isDone);
  }

  private long committed() {
    long committed = 0;
    for (int queue = 0; queue < QUEUES; queue++) {
      committed += broker.offsets().committed("g", new QueueId("orders", queue), false).orElse(0);
    }
    return committed;
  }

  private void consume(int batch) {
    PopServices door = broker.consuming().popping();
    FakeConnection connection = new FakeConnection("member");
    while (!Thread.currentThread().isInterrupted()) {
      PopRequest request =
          new PopRequest(
              connection,
              "g",
              "orders",
              PopRequest.ANY_QUEUE,
              QueueStride.ALL,
              batch,
              WAIT_MS,
              WAIT_MS,
              false,
              Optional.empty(),
              false,
              "");
      List<Got> got = PopFixture.got(door.pop(request).toCompletableFuture().join());
      for (Got one : got) {
        received.merge(one.body(), 1, Integer::sum);
        List<Delivery.Outcome> done =
            door.ack("g", List.of(one.delivery())).toCompletableFuture().join();
        assertThat(done).containsExactly(Delivery.Outcome.DONE);
      }
    }
  }

  private void produce(int queue) {
    for (int i = 0; i < MESSAGES_PER_QUEUE; i++) {
      get(broker.sending().send(Requests.to("orders").queue(queue).body(queue + "-" + i).build()));
    }
  }
}
