package io.escrowmq.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.server.process.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that refuses to sync must never lead to an acknowledgement. */
final class SyncFaultTest {

  private static final String TOPIC = "sync-fault";
  private static final int SENDS_AFTER_FAILURE = 30;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"1", "3", "2+"})
  void noAcknowledgementAfterAFailedSync(String when) throws Exception {
    check(when);
  }

  @ParameterizedTest
  @Tag("campaign")
  @MethodSource("firstTwentyCallsOnceAndForEver")
  void noAcknowledgementAfterTheNthSyncFailed(String when) throws Exception {
    check(when);
  }

  static Stream<String> firstTwentyCallsOnceAndForEver() {
    return Stream.iterate(1, n -> n <= 20, n -> n + 1).flatMap(n -> Stream.of(n + "", n + "+"));
  }

  private void check(String when) throws Exception {
    List<String> acknowledged = new ArrayList<>();
    try (ServerProcess server = ServerProcess.start(directory.resolve("data"))) {
      DefaultMQProducer producer = producer(server);
      try {
        // Enough before the fault to have a topic and some history.
        for (int i = 0; i < 20; i++) {
          sendInto(producer, "before-" + i, acknowledged);
        }
        assertThat(acknowledged).hasSize(20);
        List<String> afterFailure = sendUntilFailure(server, producer, when, acknowledged);
        assertThat(afterFailure).as("acknowledged after the failed sync (when=%s)", when).isEmpty();
        Awaitility.await("health says why")
            .atMost(Duration.ofSeconds(10))
            .untilAsserted(
                () -> assertThat(server.health()).contains("DOWN", "reason", "Input/output error"));
      } finally {
        Shutdown.start(producer::shutdown);
      }
      server.kill();
      server.restart();
      assertServed(server, acknowledged);
    }
  }

  private List<String> sendUntilFailure(
      ServerProcess server, DefaultMQProducer producer, String when, List<String> acknowledged) {
    List<String> afterFailure = new ArrayList<>();
    try (SyncFault fault = SyncFault.attach(server.pid(), when, directory)) {
      int sent = 0;
      while (sendInto(producer, "during-" + sent, acknowledged)) {
        sent++;
        assertThat(sent)
            .as("sends without any failure, fault fired: %s", fault.hasFired())
            .isLessThan(500);
      }
      assertThat(fault.hasFired()).isTrue();
      for (int i = 0; i < SENDS_AFTER_FAILURE; i++) {
        sendInto(producer, "after-" + i, afterFailure);
      }
    }
    // The fault has ended: the engine must not trust the file again.
    for (int i = 0; i < SENDS_AFTER_FAILURE; i++) {
      sendInto(producer, "later-" + i, afterFailure);
    }
    return afterFailure;
  }

  private void assertServed(ServerProcess server, List<String> acknowledged) throws Exception {
    try (VisibleLog log = new VisibleLog(server.nameServer(), "after-restart")) {
      log.readMore(TOPIC);
      Map<String, Integer> copies = log.copies();
      assertThat(copies.keySet()).containsAll(acknowledged);
      assertThat(log.violations()).isEmpty();
    }
    DefaultMQProducer producer = producer(server);
    try {
      assertThat(sendInto(producer, "after-restart", new ArrayList<>())).isTrue();
    } finally {
      Shutdown.start(producer::shutdown);
    }
  }

  private static DefaultMQProducer producer(ServerProcess server) throws Exception {
    DefaultMQProducer producer = new DefaultMQProducer("sync-fault-producer");
    producer.setNamesrvAddr(server.nameServer());
    producer.setInstanceName("sync-" + System.nanoTime());
    producer.setRetryTimesWhenSendFailed(0);
    producer.setSendMsgTimeout(3000);
    producer.start();
    return producer;
  }

  private static boolean sendInto(
      DefaultMQProducer producer, String key, List<String> acknowledged) {
    try {
      SendResult result = producer.send(new Message(TOPIC, "tag", key, key.getBytes(UTF_8)));
      if (result.getSendStatus() == SendStatus.SEND_OK) {
        acknowledged.add(key);
        return true;
      }
      return false;
    } catch (Exception e) {
      // A refusal is what this test waits for: nothing was acknowledged.
      return false;
    }
  }
}
