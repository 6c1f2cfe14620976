package io.escrowmq.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.server.process.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers on one database, in peace: to clients they are two brokers, to operators one. */
final class SharedDatabaseTest {

  /** The client's own 3 s are too short for a machine that does other things at the same time. */
  private static final int CALL_TIMEOUT_MS = 20_000;

  @TempDir static Path directory;

  private static DevPostgres database;
  private static ServerProcess one;
  private static ServerProcess two;

  @BeforeAll
  static void start() {
    database = DevPostgres.start();
    one = ClusterServers.start(directory.resolve("one"), database, 2);
    two = ClusterServers.start(directory.resolve("two"), database, 2);
    ClusterServers.awaitShared(one, two);
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
    database.close();
  }

  @Test
  void eitherServerAnswersForBothBrokers() {
    assertThat(one.ask("POST", "/api/v1/topics", "{\"name\":\"rest\",\"queues\":3}"))
        .contains("\"name\":\"rest\"");

    for (ServerProcess server : new ServerProcess[] {one, two}) {
      assertThat(server.get("/api/v1/topics")).contains("\"name\":\"rest\"");
      for (String broker : new String[] {"escrowmq-0", "escrowmq-1"}) {
        assertThat(server.get("/api/v1/topics/rest?broker=" + broker))
            .contains("\"name\":\"rest\"", "\"queue\":2");
      }
      assertThat(server.get("/api/v1/topics/rest"))
          .contains("BROKER_NEEDED", "escrowmq-0, escrowmq-1");
      assertThat(server.get("/api/v1/topics/rest?broker=other")).contains("BROKER_NOT_FOUND");
      assertThat(server.get("/api/v1/cluster"))
          .contains("\"name\":\"escrowmq-0\"", "\"name\":\"escrowmq-1\"", one.nameServer());
      assertThat(server.health()).contains("\"status\":\"UP\"");
    }
  }

  @Test
  void eitherServerDecidesAndExportsForBothBrokers() {
    String api = "/api/v1/transactions";
    assertThat(one.ask("POST", "/api/v1/topics", "{\"name\":\"exported\",\"queues\":1}"))
        .contains("\"name\":\"exported\"");
    for (String broker : new String[] {"escrowmq-0", "escrowmq-1"}) {
      String named = "?broker=" + broker;
      String opened =
          two.ask("POST", api + named, "{\"group\":\"g\",\"key\":\"on-" + broker + "\"}");
      String id = opened.replaceFirst(".*\"id\":\"(\\w+)\".*", "$1");
      assertThat(id).as(opened).hasSize(32);
      assertThat(
              one.ask(
                  "POST",
                  api + "/" + id + "/messages" + named,
                  "{\"group\":\"g\",\"sequence\":0,\"topic\":\"exported\",\"body\":\"b\"}"))
          .contains("\"repeated\":false");
      assertThat(
              two.ask(
                  "POST", api + "/" + id + "/commit" + named, "{\"group\":\"g\",\"messages\":[0]}"))
          .contains("\"decision\":\"COMMIT\"");
    }

    String export = api + "/export?from=1970-01-01T00:00:00Z";
    for (String broker : new String[] {"escrowmq-0", "escrowmq-1"}) {
      String csv = one.get(export + "&broker=" + broker);
      assertThat(csv.lines()).as("names and one decision").hasSize(2);
      assertThat(csv).contains("on-" + broker);
      assertThat(two.get(export + "&broker=" + broker)).isEqualTo(csv);
      for (ServerProcess server : new ServerProcess[] {one, two}) {
        assertThat(server.get(export + "&format=json&broker=" + broker))
            .contains("\"trailComplete\":true", "\"count\":1", "on-" + broker);
      }
    }
    assertThat(one.get(export)).contains("BROKER_NEEDED");
    assertThat(one.get(export + "&broker=other")).contains("BROKER_NOT_FOUND");
    assertThat(two.get(export + "&broker=escrowmq-0&format=pdf")).contains("INVALID_PARAMETER");
    assertThat(one.get(export + "&broker=escrowmq-0&format=pdf")).contains("INVALID_PARAMETER");
  }

  @Test
  void anOrderedGroupOfTwoClientsHasTheQueuesOfBothBrokers() throws Exception {
    assertThat(two.ask("POST", "/api/v1/topics", "{\"name\":\"ordered\",\"queues\":4}"))
        .contains("\"name\":\"ordered\"");
    Set<String> seen = ConcurrentHashMap.newKeySet();
    Set<MessageQueue> first = ConcurrentHashMap.newKeySet();
    Set<MessageQueue> second = ConcurrentHashMap.newKeySet();
    DefaultMQProducer producer = new DefaultMQProducer("shared-producers");
    producer.setNamesrvAddr(two.nameServer());
    producer.setMqClientApiTimeout(CALL_TIMEOUT_MS);
    producer.start();
    // Each client knows another server's name server.
    DefaultMQPushConsumer a = consumer(one.nameServer(), "a", seen, first);
    DefaultMQPushConsumer b = consumer(two.nameServer(), "b", seen, second);
    try {
      Awaitility.await("both clients to hold queues, and all eight together")
          .atMost(Duration.ofSeconds(90))
          // A round whose messages do not all come in time, while queues change hands, is no
          // answer.
          .ignoreException(ConditionTimeoutException.class)
          .untilAsserted(() -> {
            // Before the first message: consumers may have it before the last one is sent.
            first.clear();
            second.clear();
            String round = Long.toString(System.nanoTime());
            for (MessageQueue queue : producer.fetchPublishMessageQueues("ordered")) {
              String text = queue.getBrokerName() + "/" + queue.getQueueId() + "/" + round;
              producer.send(new Message("ordered", text.getBytes(UTF_8)), queue);
            }
            Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .until(() -> seen.stream().filter(text -> text.endsWith("/" + round)).count() == 8);
            assertThat(first).hasSize(4).doesNotContainAnyElementsOf(second);
            assertThat(second).hasSize(4);
          });
      assertThat(first.stream().map(MessageQueue::getBrokerName).collect(Collectors.toSet()))
          .isNotEmpty();
    } finally {
      Shutdown.start(a::shutdown);
      Shutdown.start(b::shutdown);
      Shutdown.start(producer::shutdown);
    }
  }

  private static DefaultMQPushConsumer consumer(
      String nameServer, String name, Set<String> seen, Set<MessageQueue> queues) throws Exception {
    DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("shared-consumers");
    consumer.setNamesrvAddr(nameServer);
    consumer.setInstanceName(name);
    consumer.setHeartbeatBrokerInterval(1000);
    consumer.setMqClientApiTimeout(CALL_TIMEOUT_MS);
    consumer.subscribe("ordered", "*");
    consumer.setMessageListener(
        (MessageListenerOrderly)
            (messages, context) -> {
              queues.add(context.getMessageQueue());
              messages.forEach(message -> seen.add(new String(message.getBody(), UTF_8)));
              return ConsumeOrderlyStatus.SUCCESS;
            });
    consumer.start();
    return consumer;
  }
}
