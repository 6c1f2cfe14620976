package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The command that watches: it looks around after 20 seconds, and says what it sees in its log. */
@Tag("campaign")
final class MqAdminMonitorTest {
  private static final String LOG_TO_CONSOLE =
      """
      <configuration>
        <appender name="CONSOLE" class="org.apache.rocketmq.logging.ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%msg%n</pattern></encoder>
        </appender>
        <root level="INFO"><appender-ref ref="CONSOLE"/></root>
      </configuration>
      """;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void whatAGroupHasNotConsumedIsReported() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("behind");
    CountDownLatch over = new CountDownLatch(1);
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              if (Inbox.body(messages.get(0)).equals("later")) {
                awaitEnd(over);
              }
              return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    clients.start(consumer);
    clients.producer().send(message(topic, "at once"));
    for (int i = 0; i < 3; i++) {
      clients.producer().send(message(topic, "later"));
    }
    Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "monitor-");
    Path conf = Files.createDirectories(home.resolve("conf"));
    Files.writeString(conf.resolve("rmq.tools.logback.xml"), LOG_TO_CONSOLE);
    try (MqAdmin admin = new MqAdmin(SERVER.nameServer(), home)) {
      assertThat(
              admin.until(
                  Pattern.compile("consumerGroup=" + group + ", topic=" + topic + ","),
                  "startMonitoring"))
          .containsPattern("topic=" + topic + ", undoneMsgsTotal=3, undoneMsgsSingleMQ=3");
    } finally {
      over.countDown();
    }
  }

  private static void awaitEnd(CountDownLatch over) {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
