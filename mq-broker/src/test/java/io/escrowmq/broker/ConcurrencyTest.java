package io.escrowmq.broker;

import static io.escrowmq.broker.BrokerFixture.get;
import static io.escrowmq.broker.BrokerFixture.pull;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.testkit.InMemoryStorage;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many threads at once, with the machine's clock. A lost wake-up shows as a time-out. */
final class ConcurrencyTest {

  private static final int QUEUES = 4;
  private static final int MESSAGES_PER_QUEUE = 2_000;

  private final InMemoryStorage storage =
      InMemoryStorage.open(StorageSettings.defaults(Path.of("unused")), StorageContext.system());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
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
  void noArrivalIsMissedByAWaitingPull() throws Exception {
    List<Future<List<String>>> consumers = new ArrayList<>();
    for (int queue = 0; queue < QUEUES; queue++) {
      QueueId id = new QueueId("orders", queue);
      consumers.add(threads.submit(consume(id, "*")));
      consumers.add(threads.submit(consume(id, "*")));
    }
    List<Future<?>> producers = new ArrayList<>();
    for (int queue = 0; queue < QUEUES; queue++) {
      int mine = queue;
      producers.add(threads.submit(() -> produce(mine)));
    }
    for (Future<?> producer : producers) {
      producer.get(60, TimeUnit.SECONDS);
    }
    for (Future<List<String>> consumer : consumers) {
      List<String> bodies = consumer.get(60, TimeUnit.SECONDS);
      assertThat(bodies).hasSize(MESSAGES_PER_QUEUE);
      for (int i = 0; i < MESSAGES_PER_QUEUE; i++) {
        assertThat(bodies.get(i)).isEqualTo("" + i);
      }
    }
    assertThat(broker.statistics()).containsEntry("waiting-pulls", 0L);
  }

  @Test
  void membersOfAGroupComeAndGo() throws Exception {
    List<Future<?>> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String id = "client-" + i;
      boolean stays = i % 2 == 0;
      clients.add(
          threads.submit(() -> {
            FakeConnection connection = new FakeConnection(id);
            for (int round = 0; round < 20; round++) {
              broker.groups().heartbeat(connection, BrokerFixture.consumer(id, "g", "t", "*"));
              broker.groups().members("g");
              if (!stays || round < 19) {
                broker.groups().connectionClosed(connection);
              }
            }
          }));
    }
    for (Future<?> client : clients) {
      client.get(60, TimeUnit.SECONDS);
    }
    assertThat(broker.groups().members("g")).hasSize(25);
  }

  private Callable<List<String>> consume(QueueId queue, String tags) {
    return () -> {
      FakeConnection connection = new FakeConnection("c");
      List<String> bodies = new ArrayList<>();
      long offset = 0;
      while (bodies.size() < MESSAGES_PER_QUEUE) {
        try (PullAnswer answer =
            broker
                .consuming()
                .pull(pull(connection, queue, offset, 50_000, tags))
                .toCompletableFuture()
                .get(40, TimeUnit.SECONDS)) {
          answer.messages().forEach(it -> bodies.add(SampleMessages.textOf(it)));
          offset = answer.nextOffset();
        }
      }
      return bodies;
    };
  }

  private void produce(int queue) {
    for (int i = 0; i < MESSAGES_PER_QUEUE; i++) {
      get(broker.sending().send(Requests.to("orders").queue(queue).body("" + i).build()));
    }
  }
}
